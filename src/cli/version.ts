import packageDocument from "../../package.json" with { type: "json" };

export const version: string = packageDocument.version;
