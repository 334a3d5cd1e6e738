// Ships what may leave, each order once, through restarts of either side. A file in shipments/ is an order to be packed.
// webhookd.d.ts is made from /openapi.json.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { paths } from "./webhookd.d.ts";

const client = createClient<paths>({
  baseUrl: process.env.WEBHOOKD_URL,
  headers: { Authorization: `Bearer ${process.env.WEBHOOKD_API_KEY}` },
});

/** Asks until there is an answer. What another try would not change ends the program. */
async function ask<T>(call: () => Promise<{ data?: T; error?: { code: string; detail: string }; response: Response }>) {
  for (;;) {
    try {
      const { data, error, response } = await call();
      if (data !== undefined) return data;
      if (response.status < 500) throw new RangeError(`${error?.code}: ${error?.detail}`);
      console.error(error?.code);
    } catch (reason) {
      if (reason instanceof RangeError) throw reason;
      console.error(reason);
    }
    await pause(1000);
  }
}

mkdirSync("shipments", { recursive: true });
let position = existsSync("position") ? Number(readFileSync("position", "utf8")) : 0;
for (;;) {
  const news = await ask(() => client.GET("/v1/events", { params: { query: { after: position, wait: "25s" } } }));
  for (const { order_id: id, order } of news.events) {
    if (!order.fulfillable) continue; // the event may be old: what counts is how the order stands now
    const now = await ask(() => client.GET("/v1/orders/{id}", { params: { path: { id }, query: { max_age: "1m" } } }));
    if (now.fulfillable) writeFileSync(`shipments/${id}`, "", { flag: "w" }); // the second time it changes nothing
  }
  position = news.next;
  writeFileSync("position.new", String(position));
  renameSync("position.new", "position");
}
