import { createContext } from "react";

/** The zone of the business, as the server tells it; UTC is shown in any case. */
export const TimeZone = createContext("UTC");
