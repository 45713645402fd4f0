import { Button, Code, Group, Paper, Select, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useLoaderDeps, useNavigate, useRouteContext } from "@tanstack/react-router";
import type { DeadLetter, DeadLetterReason } from "../api/generated";
import { deadLettersQuery } from "../api/queries";
import { EmptyState } from "../components/EmptyState";
import { Instant } from "../components/Instant";
import type { DeadLettersSearch } from "../search/deadLetters";
import { ButtonLink } from "../shell/links";
import { Loaded } from "./Loaded";
import { PageTitle } from "./PageTitle";

const REASONS: Record<DeadLetterReason, string> = {
  not_confluent_framed: "Not framed as agreed",
  unknown_schema: "Unknown schema",
  undecodable: "Cannot be decoded",
  trailing_bytes: "Bytes left over",
  wrong_source: "Wrong source for its topic",
  invalid_field: "A field is invalid",
};

/** By the keyboard, too. */
const SCROLLED = { viewportProps: { tabIndex: 0, role: "region", "aria-label": "Dead letters" } };

export function DeadLettersPage() {
  const search = useLoaderDeps({ from: "/desk/dead-letters" });
  const query = useQuery(deadLettersQuery(search));
  const { me } = useRouteContext({ from: "/desk" });
  return (
    <>
      <PageTitle
        aside={
          me.staff && (
            <Button component="a" href="/admin/ingestion/deadletter/" variant="default">
              {me.roles.includes("admin")
                ? "Replay in the administration"
                : "See in the administration"}
            </Button>
          )
        }
      >
        Dead letters
      </PageTitle>
      <Stack>
        <Filters search={search} />
        <Loaded query={query}>
          {(page) =>
            page.results.length ? (
              <>
                <Letters letters={page.results} />
                <Pager search={search} next={page.next} />
              </>
            ) : (
              <EmptyState title="No dead letters">
                {Object.keys(search).length
                  ? "None fits these filters."
                  : "Every record so far could be read."}
              </EmptyState>
            )
          }
        </Loaded>
      </Stack>
    </>
  );
}

function Filters({ search }: { search: DeadLettersSearch }) {
  const navigate = useNavigate({ from: "/dead-letters" });
  const { reason: _reason, replayed: _replayed, cursor: _cursor, ...kept } = search;
  const reason = search.reason && { reason: search.reason };
  const replayed = search.replayed !== undefined && { replayed: search.replayed };
  return (
    <Group component="search" gap="sm">
      <Select
        label="Reason"
        placeholder="Any"
        data={Object.entries(REASONS).map(([value, label]) => ({ value, label }))}
        value={search.reason?.[0] ?? null}
        onChange={(value) =>
          void navigate({
            search: { ...kept, ...replayed, ...(value && { reason: [value as DeadLetterReason] }) },
          })
        }
        clearable
      />
      <Select
        label="State"
        placeholder="Any"
        data={[
          { value: "false", label: "Waiting" },
          { value: "true", label: "Replayed" },
        ]}
        value={search.replayed === undefined ? null : String(search.replayed)}
        onChange={(value) =>
          void navigate({
            search: { ...kept, ...reason, ...(value && { replayed: value === "true" }) },
          })
        }
        clearable
      />
    </Group>
  );
}

function Letters({ letters }: { letters: DeadLetter[] }) {
  return (
    <Paper withBorder p="xs">
      <Table.ScrollContainer minWidth={720} scrollAreaProps={SCROLLED}>
        <Table verticalSpacing="xs" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Received</Table.Th>
              <Table.Th>Where</Table.Th>
              <Table.Th>Reason</Table.Th>
              <Table.Th ta="right">Bytes</Table.Th>
              <Table.Th>Replayed</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {letters.map((letter) => (
              <Table.Tr key={letter.id}>
                <Table.Td>
                  <Instant at={letter.received_at} />
                </Table.Td>
                <Table.Td>
                  <Code>{`${letter.topic}/${letter.partition}/${letter.offset}`}</Code>
                </Table.Td>
                <Table.Td>
                  <Text size="sm" fw={600}>
                    {REASONS[letter.reason]}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {letter.detail}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">{letter.size ?? "none"}</Table.Td>
                <Table.Td>
                  {letter.replayed_at ? <Instant at={letter.replayed_at} /> : "Not yet"}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

function Pager({ search, next }: { search: DeadLettersSearch; next: string | null }) {
  const { cursor, ...first } = search;
  return (
    <Group component="nav" aria-label="Pages of dead letters" justify="flex-end">
      {cursor && (
        <ButtonLink variant="default" to="/dead-letters" search={first}>
          First page
        </ButtonLink>
      )}
      {next && (
        <ButtonLink variant="default" to="/dead-letters" search={{ ...first, cursor: next }}>
          Next page
        </ButtonLink>
      )}
    </Group>
  );
}
