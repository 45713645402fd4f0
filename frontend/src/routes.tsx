import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import type { Config, Me } from "./api/generated";
import { isProblem } from "./api/problems";
import {
  configQuery,
  deadLettersQuery,
  meQuery,
  newestMismatchesQuery,
  resultQuery,
  resultsQuery,
  sourcesQuery,
  summaryQuery,
  timeseriesQuery,
} from "./api/queries";
import { readDeadLettersSearch } from "./search/deadLetters";
import { readOverviewSearch } from "./search/overview";
import { readResultsSearch } from "./search/results";
import { readSignInSearch } from "./search/signIn";
import { parseSearch, stringifySearch } from "./search/url";
import { NotFound } from "./shell/NotFound";
import { Root } from "./shell/Root";
import { RouteError } from "./shell/RouteError";

const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Root });

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  staticData: { title: "Sign in" },
  validateSearch: readSignInSearch,
  loaderDeps: ({ search }) => readSignInSearch(search),
  component: lazyRouteComponent(() => import("./pages/SignIn"), "SignInPage"),
});

const noAccessRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/no-access",
  staticData: { title: "No access" },
  component: lazyRouteComponent(() => import("./pages/NoAccess"), "NoAccessPage"),
});

/*
 * What an address asks for is in a route's `loaderDeps`: it is read a second time there, because
 * the router gives a page what `validateSearch` left out, too.
 */

/** Everything for which one must be signed in, and have a role. */
const deskRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "desk",
  beforeLoad: async ({ context, location }): Promise<{ me: Me; config: Config }> => {
    try {
      const [me, config] = await Promise.all([
        context.queryClient.ensureQueryData(meQuery()),
        context.queryClient.ensureQueryData(configQuery()),
      ]);
      return { me, config };
    } catch (error) {
      if (isProblem(error, 401))
        throw redirect({ to: "/sign-in", search: { next: location.href } });
      if (isProblem(error, 403)) throw redirect({ to: "/no-access" });
      throw error;
    }
  },
  component: lazyRouteComponent(() => import("./shell/Desk"), "Desk"),
});

const overviewRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: "/",
  staticData: { title: "Overview" },
  validateSearch: readOverviewSearch,
  loaderDeps: ({ search }) => readOverviewSearch(search),
  loader: ({ context: { queryClient }, deps }) => {
    void queryClient.prefetchQuery(summaryQuery());
    void queryClient.prefetchQuery(sourcesQuery());
    void queryClient.prefetchQuery(timeseriesQuery(deps.range ?? "hour"));
    void queryClient.prefetchQuery(newestMismatchesQuery());
  },
  component: lazyRouteComponent(() => import("./pages/Overview"), "OverviewPage"),
});

const resultsRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: "/results",
  staticData: { title: "Results" },
  validateSearch: readResultsSearch,
  loaderDeps: ({ search }) => readResultsSearch(search),
  loader: ({ context: { queryClient }, deps }) => {
    void queryClient.prefetchQuery(resultsQuery(deps));
  },
  component: lazyRouteComponent(() => import("./pages/Results"), "ResultsPage"),
});

const transactionRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: "/transactions/$id",
  staticData: { title: ({ id }) => `Transaction ${id}` },
  loader: ({ context: { queryClient }, params }) => {
    void queryClient.prefetchQuery(resultQuery(params.id));
  },
  component: lazyRouteComponent(() => import("./pages/Transaction"), "TransactionPage"),
});

const deadLettersRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: "/dead-letters",
  staticData: { title: "Dead letters" },
  validateSearch: readDeadLettersSearch,
  loaderDeps: ({ search }) => readDeadLettersSearch(search),
  loader: ({ context: { queryClient }, deps }) => {
    void queryClient.prefetchQuery(deadLettersQuery(deps));
  },
  component: lazyRouteComponent(() => import("./pages/DeadLetters"), "DeadLettersPage"),
});

const routeTree = rootRoute.addChildren([
  signInRoute,
  noAccessRoute,
  deskRoute.addChildren([overviewRoute, resultsRoute, transactionRoute, deadLettersRoute]),
]);

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
  interface StaticDataRouteOption {
    /** Of the document; told to screen readers when one comes there. */
    title?: string | ((params: { id: string }) => string);
  }
}
