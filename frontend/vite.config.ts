import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where Django answers: `npm run dev` hands it what is not the dashboard's own.
const server = process.env.PUBLIC_URL ?? "http://127.0.0.1:8000";

export default defineConfig(({ command }) => ({
  base: command === "build" ? "/static/dashboard/" : "/",
  plugins: [react()],
  build: { target: "es2023", assetsInlineLimit: 0 },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/admin", "/static", "/ws"].map((path) => [
        path,
        { target: server, ws: path === "/ws", changeOrigin: true, headers: { origin: server } },
      ]),
    ),
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
  },
}));
