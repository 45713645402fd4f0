import { defineConfig } from "orval";

export default defineConfig({
  reconsite: {
    input: "./openapi.json",
    output: {
      mode: "single",
      target: "./src/api/generated/index.ts",
      client: "react-query",
      httpClient: "fetch",
      clean: true,
      urlEncodeParameters: true,
      override: {
        mutator: { path: "./src/api/request.ts", name: "request" },
        fetch: { includeHttpResponseReturnType: false },
        query: { version: 5, signal: true },
      },
    },
  },
});
