import { isSpace } from "./spaces.ts";

/** Collects a text and, beside it, the words it falls into. */
export interface WordCollector {
  /** Text whose white space parts words. */
  readonly addSplit: (text: string) => void;
  /** Text that stays in one word: quoted or escaped. */
  readonly addWhole: (text: string) => void;
  /** Drops what there is of the word under way from `words`. */
  forget(): void;
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
    forget() {
      word = "";
    },
    finish() {
      endWord();
      return { value, words };
    },
  };
}
