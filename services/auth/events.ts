import { answerRequest } from "./links/answer-request.ts";

export const handlers = [answerRequest];
