import { styleText } from "node:util";

/** How emphasis is written. `plainStyle` leaves text as it is. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const same = (text: string): string => text;

export const plainStyle: Style = { bold: same, dim: same, red: same, yellow: same, green: same, cyan: same };

type Format = Parameters<typeof styleText>[0];

/** Whether there are colours is decided by whoever chooses a style, and not by the terminal that `styleText` would look at. */
const paint =
  (format: Format) =>
  (text: string): string =>
    text === "" ? "" : styleText(format, text, { validateStream: false });

export const colourStyle: Style = {
  bold: paint("bold"),
  dim: paint("dim"),
  red: paint("red"),
  yellow: paint("yellow"),
  green: paint("green"),
  cyan: paint("cyan"),
};
