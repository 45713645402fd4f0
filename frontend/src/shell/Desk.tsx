import { Link, Outlet, useNavigate, useRouteContext } from "@tanstack/react-router";
import { TimeZone } from "../components/TimeZone";
import { LiveProvider } from "../live/LiveProvider";
import { Brand } from "./Brand";
import classes from "./Desk.module.css";
import { LiveChip } from "./LiveChip";
import { ThemeSwitch } from "./ThemeSwitch";
import { UserMenu } from "./UserMenu";

/** The frame around every page of whoever is signed in. */
export function Desk() {
  const { me, config } = useRouteContext({ from: "/desk" });
  const navigate = useNavigate();
  return (
    <LiveProvider path={config.live_path} noAccess={() => void navigate({ to: "/no-access" })}>
      <a className={classes.skip} href="#content">
        Skip to the content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link to="/" className={classes.brand} aria-label="Reconsite, overview">
            <Brand />
          </Link>
          <nav className={classes.nav} aria-label="Pages">
            <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
              Overview
            </Link>
            <Link to="/results" activeOptions={{ includeSearch: false }}>
              Results
            </Link>
            <Link to="/dead-letters" activeOptions={{ includeSearch: false }}>
              Dead letters
            </Link>
          </nav>
          <div className={classes.live}>
            <LiveChip />
          </div>
          <div className={classes.personal}>
            <ThemeSwitch />
            <UserMenu me={me} />
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1} className={classes.content}>
        <TimeZone value={config.time_zone}>
          <Outlet />
        </TimeZone>
      </main>
    </LiveProvider>
  );
}
