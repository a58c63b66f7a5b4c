export { surveyPublished, surveyStatus } from "./survey.ts";
export { withRegistries } from "./with-registries.ts";
