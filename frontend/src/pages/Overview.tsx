import { Grid, SegmentedControl, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useLoaderDeps, useNavigate } from "@tanstack/react-router";
import type { RangeEnum } from "../api/generated";
import {
  lagsQuery,
  newestMismatchesQuery,
  sourcesQuery,
  summaryQuery,
  timeseriesQuery,
} from "../api/queries";
import { EmptyState } from "../components/EmptyState";
import { MismatchChart } from "../components/MismatchChart";
import { ResultsTable } from "../components/ResultsTable";
import { SourceList } from "../components/SourceList";
import { SummaryTiles } from "../components/SummaryTiles";
import { AnchorLink } from "../shell/links";
import { HeldStill } from "./HeldStill";
import { Loaded } from "./Loaded";
import { PageTitle } from "./PageTitle";
import { Section } from "./Section";

const RANGES: { value: RangeEnum; label: string }[] = [
  { value: "hour", label: "Hour" },
  { value: "day", label: "Day" },
];

export function OverviewPage() {
  const { range = "hour" } = useLoaderDeps({ from: "/desk/" });
  const navigate = useNavigate({ from: "/" });
  const summary = useQuery(summaryQuery());
  const timeseries = useQuery(timeseriesQuery(range));
  const sources = useQuery(sourcesQuery());
  const { data: lags } = useQuery(lagsQuery());
  const newest = useQuery(newestMismatchesQuery());
  return (
    <>
      <PageTitle>Overview</PageTitle>
      <Stack gap="lg">
        <Loaded query={summary}>{(data) => <SummaryTiles summary={data} />}</Loaded>
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, lg: 8 }}>
            <Section
              title="Mismatches by kind"
              aside={
                <SegmentedControl
                  size="xs"
                  aria-label="Time range of the chart"
                  data={RANGES}
                  value={range}
                  onChange={(value) =>
                    void navigate({
                      search: value === "hour" ? {} : { range: value },
                      replace: true,
                      resetScroll: false,
                    })
                  }
                />
              }
            >
              <Loaded query={timeseries}>{(data) => <MismatchChart timeseries={data} />}</Loaded>
            </Section>
          </Grid.Col>
          <Grid.Col span={{ base: 12, lg: 4 }}>
            <Section title="Sources">
              <Loaded query={sources}>
                {(data) => <SourceList sources={data} history={lags} />}
              </Loaded>
            </Section>
          </Grid.Col>
        </Grid>
        <Section
          title="Newest mismatches"
          aside={
            <AnchorLink to="/results" search={{ status: ["mismatched"] }}>
              All mismatches
            </AnchorLink>
          }
        >
          <Loaded query={newest}>
            {(page) =>
              page.results.length ? (
                <HeldStill value={page.results}>
                  {(results) => <ResultsTable results={results} />}
                </HeldStill>
              ) : (
                <EmptyState title="No mismatches">Everything agrees so far.</EmptyState>
              )
            }
          </Loaded>
        </Section>
      </Stack>
    </>
  );
}
