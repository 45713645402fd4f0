import "./tones.css";
import type { Event } from "../api/generated";
import { duration, secondsBetween } from "../format/time";
import { counted, sentenceCase } from "../format/words";
import classes from "./EventList.module.css";
import { Instant } from "./Instant";
import { Money } from "./Money";
import { EventStatusBadge } from "./StatusBadge";

/** The events of a transaction, in the order in which they were received. */
export function EventList({ events, earlier }: { events: Event[]; earlier: number }) {
  return (
    <ol className={classes.events}>
      {earlier > 0 && <li>{counted(earlier, "earlier event")} left out</li>}
      {events.map((event) => (
        <li key={`${event.topic}/${event.partition}/${event.offset}`} className={classes.event}>
          <span className={classes.source}>{sentenceCase(event.source)}</span>
          <span className={classes.status}>
            <EventStatusBadge status={event.status} />
          </span>
          <span className={classes.amount}>
            <Money amount={event.amount} currency={event.currency} />
          </span>
          <span className={classes.when}>
            <Instant at={event.received_at} as="exact" />
            <span className={classes.delay}>{delayInWords(event)}</span>
          </span>
          <span className={classes.where} title={`Event ${event.event_id}`}>
            {event.topic}, partition {event.partition}, offset {event.offset}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Between happening and being received; clocks of sources may run ahead. */
export function delayInWords(event: Pick<Event, "occurred_at" | "received_at">): string {
  const seconds = secondsBetween(event.occurred_at, event.received_at);
  return seconds < 0
    ? `${duration(-seconds)} before it happened, by its source's clock`
    : `${duration(seconds)} after it happened`;
}
