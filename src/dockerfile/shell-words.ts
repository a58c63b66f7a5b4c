import { isSpace } from "./spaces.ts";

/** Collects a text and, beside it, the words it falls into. */
export interface WordCollector {
  /** Text whose white space parts words. */
  addSplit(text: string): void;
  /** Text that stays in one word: quoted or escaped. */
  addWhole(text: string): void;
  finish(): { readonly value: string; readonly words: readonly string[] };
}

export function collectWords(): WordCollector {
  const words: string[] = [];
  let value = "";
  let word = "";
  const endWord = (): void => {
    if (word !== "") words.push(word);
    word = "";
  };
  return {
    addSplit(text) {
      value += text;
      for (const char of text) {
        if (isSpace(char)) endWord();
        else word += char;
      }
    },
    addWhole(text) {
      value += text;
      word += text;
    },
    finish() {
      endWord();
      return { value, words };
    },
  };
}
