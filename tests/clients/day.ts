// A dispatcher's and a collector's calls, checked against the generated types; never run.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/api";

type Visit = components["schemas"]["Visit"];

const api = createClient<paths>({ baseUrl: "http://127.0.0.1:8000" });

export async function plan(visitId: string, userIds: string[], key: string): Promise<Visit> {
  const read = await api.GET("/v1/visits/{visit_id}", { params: { path: { visit_id: visitId } } });
  const tag = read.response.headers.get("ETag") ?? "";
  const assigned = await api.PUT("/v1/visits/{visit_id}/visitors", {
    params: { path: { visit_id: visitId }, header: { "If-Match": tag } },
    body: { user_ids: userIds },
  });
  if (assigned.error) {
    throw new Error(assigned.error.detail);
  }
  await api.POST("/v1/users", {
    params: { header: { "Idempotency-Key": key } },
    body: { login: "newcomer", name: "N", phone: "+8613800001111", role: "collector", password: "…", pin: "2580" },
  });
  return assigned.data;
}

export async function arrive(visitId: string, eventId: string): Promise<boolean> {
  const arrived = await api.POST("/v1/mobile/visits/{visit_id}/check-in", {
    params: { path: { visit_id: visitId } },
    body: { event_id: eventId, occurred_at: new Date().toISOString() },
  });
  return arrived.data?.watch?.watched === true;
}

// @ts-expect-error a change without the version that was read does not compile
export const blind = () => api.POST("/v1/visits/{visit_id}/publication", { params: { path: { visit_id: "x" } } });
