import { CopyButton, Group, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { isProblem } from "../api/problems";
import { resultQuery } from "../api/queries";
import { EmptyState } from "../components/EmptyState";
import { EventList } from "../components/EventList";
import { LegsTable } from "../components/LegsTable";
import { RevisionHistory } from "../components/RevisionHistory";
import { StatusBadge } from "../components/StatusBadge";
import { Loaded } from "./Loaded";
import { Section } from "./Section";
import classes from "./Transaction.module.css";

export function TransactionPage() {
  const { id } = useParams({ from: "/desk/transactions/$id" });
  const query = useQuery(resultQuery(id));
  return (
    <Stack gap="lg">
      <Group gap="sm" justify="space-between">
        <div>
          <Text c="dimmed" size="sm">
            Transaction
          </Text>
          <Title order={1} size="h2" className={classes.id}>
            {id}
          </Title>
        </div>
        <Group gap="xs">
          <CopyButton value={id}>
            {({ copied, copy }) => (
              <UnstyledButton onClick={copy} className={classes.copy}>
                {copied ? "Copied" : "Copy id"}
              </UnstyledButton>
            )}
          </CopyButton>
          {query.data && <StatusBadge status={query.data.status} />}
        </Group>
      </Group>
      {isProblem(query.error, 404) ? (
        <EmptyState title="There is no such transaction">
          No source has told anything of one with this id.
        </EmptyState>
      ) : (
        <Loaded query={query}>
          {(transaction) => (
            <>
              <Section title="What the sources say">
                <LegsTable transaction={transaction} />
              </Section>
              <Section title="Verdicts">
                {transaction.history.length ? (
                  <RevisionHistory history={transaction.history} currency={transaction.currency} />
                ) : (
                  <EmptyState title="No verdict yet">
                    It is decided as soon as its sources have told all, or a wait is over.
                  </EmptyState>
                )}
              </Section>
              <Section title="Events">
                <EventList events={transaction.events} earlier={transaction.earlier_events} />
              </Section>
            </>
          )}
        </Loaded>
      )}
    </Stack>
  );
}
