import { DeadLetterReason } from "../api/generated";
import { known, type Raw, word } from "./url";

export interface DeadLettersSearch {
  reason?: DeadLetterReason[];
  topic?: string;
  replayed?: boolean;
  cursor?: string;
}

export function readDeadLettersSearch(raw: Raw): DeadLettersSearch {
  const reason = known(raw.reason, DeadLetterReason);
  const topic = word(raw.topic);
  const replayed = String(raw.replayed);
  const cursor = word(raw.cursor);
  return {
    ...(reason && { reason }),
    ...(topic && { topic }),
    ...((replayed === "true" || replayed === "false") && { replayed: replayed === "true" }),
    ...(cursor && { cursor }),
  };
}
