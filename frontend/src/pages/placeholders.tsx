import { Alert, Button, Skeleton, Table, Text } from "@mantine/core";
import type {
  Event,
  Result,
  Revision,
  Source,
  Summary,
  Timeseries,
  TransactionDetail,
} from "../api/generated";
import { AnchorLink } from "../shell/links";

export const Instant = ({ at }: { at: string }) => <time dateTime={at}>{at}</time>;

export const LoadingState = () => <Skeleton h={120} aria-label="Loading" />;

export const ErrorState = ({ error, onRetry }: { error: Error; onRetry: () => void }) => (
  <Alert color="red" title="This could not be loaded" role="alert">
    <Text>{error.message}</Text>
    <Button mt="sm" size="xs" onClick={onRetry}>
      Try again
    </Button>
  </Alert>
);

export const EmptyState = ({ title, children }: { title: string; children?: React.ReactNode }) => (
  <Text c="dimmed">
    {title} {children}
  </Text>
);

export const SummaryTiles = ({ summary }: { summary: Summary }) => (
  <Text>
    {summary.in_flight} in flight, {summary.matched} matched, {summary.mismatched} mismatched,{" "}
    {summary.dead_letters} dead letters
  </Text>
);

export const MismatchChart = ({ timeseries }: { timeseries: Timeseries }) => (
  <Text>{timeseries.series.mismatched.join(" ")}</Text>
);

export const SourceList = ({ sources }: { sources: Source[] }) => (
  <ul>
    {sources.map((each) => (
      <li key={each.source}>
        {each.source}: {each.records} records, {each.lag_seconds} s behind
      </li>
    ))}
  </ul>
);

export const ResultsTable = ({ results }: { results: Result[] }) => (
  <Table.ScrollContainer minWidth={300}>
    <Table>
      <Table.Tbody>
        {results.map((row) => (
          <Table.Tr key={row.transaction_id}>
            <Table.Td>
              <AnchorLink to="/transactions/$id" params={{ id: row.transaction_id }}>
                {row.transaction_id}
              </AnchorLink>
            </Table.Td>
            <Table.Td>{row.discrepancies.join(", ")}</Table.Td>
            <Table.Td>{row.amount_at_risk}</Table.Td>
            <Table.Td>{row.status}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Table.ScrollContainer>
);

export const NewRowsBar = (props: { count: number; exact: boolean; onShow: () => void }) => (
  <Button variant="light" fullWidth onClick={props.onShow}>
    {props.exact ? `${props.count} new` : "New results"}
  </Button>
);

export const LegsTable = ({ transaction }: { transaction: TransactionDetail }) => (
  <pre>{JSON.stringify(transaction.legs, null, 1)}</pre>
);
export const EventList = ({ events }: { events: Event[] }) => <Text>{events.length} events</Text>;
export const RevisionHistory = ({ history }: { history: Revision[] }) => (
  <Text>{history.length} revisions</Text>
);
export const StatusBadge = ({ status }: { status: Result["status"] }) => <Text>{status}</Text>;
