import { compactAmount, formatAmount, formatMoney, isZero } from "../format/money";
import classes from "./Money.module.css";

interface MoneyProps {
  amount: string;
  currency: string;
  /** 1.2k, with the exact figure on hover and to a screen reader. */
  compact?: boolean;
}

export function Money({ amount, currency, compact = false }: MoneyProps) {
  const exact = formatMoney(amount, currency);
  const shown = compact ? compactAmount(amount, currency) : formatAmount(amount, currency);
  return (
    <span className={isZero(amount) ? classes.nothing : classes.money} title={exact}>
      <span aria-hidden="true">
        {shown} <span className={classes.currency}>{currency}</span>
      </span>
      <span className={classes.heard}>{exact}</span>
    </span>
  );
}
