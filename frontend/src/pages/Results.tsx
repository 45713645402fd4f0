import { Group, Paper, Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useLoaderDeps } from "@tanstack/react-router";
import { type AskedPage, resultsQuery } from "../api/queries";
import { EmptyState } from "../components/EmptyState";
import { NewRowsBar } from "../components/NewRowsBar";
import { ResultsTable } from "../components/ResultsTable";
import type { ResultsSearch } from "../search/results";
import { AnchorLink, ButtonLink } from "../shell/links";
import { Loaded } from "./Loaded";
import { PageTitle } from "./PageTitle";
import { ResultsFilters } from "./ResultsFilters";
import { useArrivals } from "./useArrivals";

export function ResultsPage() {
  const search = useLoaderDeps({ from: "/desk/results" });
  const query = useQuery(resultsQuery(search));
  return (
    <>
      <PageTitle>Results</PageTitle>
      <Stack>
        <ResultsFilters search={search} />
        {/* A later page is of a moment: what is new belongs on the first. */}
        {!search.cursor && query.data && (
          <Waiting key={query.dataUpdatedAt} search={search} page={query.data} />
        )}
        <Loaded query={query}>
          {(page) =>
            page.results.length ? (
              <>
                <Paper withBorder p="xs">
                  <ResultsTable results={page.results} />
                </Paper>
                <Pager search={search} next={page.next} />
              </>
            ) : (
              <Nothing search={search} />
            )
          }
        </Loaded>
      </Stack>
    </>
  );
}

/** New for each time that the list was fetched. */
function Waiting({ search, page }: { search: ResultsSearch; page: AskedPage }) {
  const client = useQueryClient();
  const { count, exact } = useArrivals(search, page);
  const show = () => {
    window.scrollTo({ top: 0 });
    void client.invalidateQueries({ queryKey: resultsQuery(search).queryKey });
  };
  return <NewRowsBar count={count} exact={exact} onShow={show} />;
}

function Pager({ search, next }: { search: ResultsSearch; next: string | null }) {
  const { cursor, ...first } = search;
  return (
    <Group component="nav" aria-label="Pages of results" justify="flex-end">
      {cursor && (
        <ButtonLink variant="default" to="/results" search={first}>
          First page
        </ButtonLink>
      )}
      {next && (
        <ButtonLink variant="default" to="/results" search={{ ...first, cursor: next }}>
          Next page
        </ButtonLink>
      )}
    </Group>
  );
}

function Nothing({ search }: { search: ResultsSearch }) {
  const { sort: _, ...filters } = search;
  return Object.keys(filters).length ? (
    <EmptyState title="Nothing fits these filters">
      <AnchorLink to="/results">Show all results</AnchorLink>
    </EmptyState>
  ) : (
    <EmptyState title="Nothing here yet">
      Results appear as soon as transactions are decided.
    </EmptyState>
  );
}
