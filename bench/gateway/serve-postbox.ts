import { ServiceBroker } from "moleculer";
import { caller } from "../../libs/auth/caller.ts";
import { config } from "../../libs/config/config.ts";
import { action } from "../../libs/moleculer/action.ts";
import { brokerOptions } from "../../libs/moleculer/broker-options.ts";
import { object } from "../../libs/moleculer/object.ts";
import { service } from "../../libs/moleculer/service.ts";
import { rest } from "../../mixins/rest.ts";
import gateway from "../../services/gateway/gateway.service.ts";
import { profileOf, profileSchema, ready } from "./profile.ts";

const profile = service({
  name: "profile",
  version: 1,
  mixins: [rest("profile", { latest: 1 })],
  actions: {
    // Only for slow clients: what they send of it never ends.
    replace: action({
      rest: "POST /me",
      access: "public",
      params: object({ body: profileSchema }),
      response: profileSchema,
      handler: ({ params }) => params.body,
    }),
    me: action({
      rest: "GET /me",
      access: "gen",
      params: object({}),
      response: profileSchema,
      handler(ctx) {
        const { user_id, role } = caller(ctx);
        return profileOf(user_id, role);
      },
    }),
  },
});

const broker = new ServiceBroker(brokerOptions(config()));
broker.createService(profile);
broker.createService(gateway);
await broker.start();
ready(config().PORT);
