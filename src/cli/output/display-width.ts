/** How many columns of a terminal a text takes: what stands under it has to begin where it does. */
import { visibleText } from '../../core/visible-text.ts';

/** What terminals draw over two columns: East Asian Wide and Fullwidth (Unicode Standard Annex 11), and emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
/** Halfwidth forms of the same scripts. */
const HALF_WIDTH = /[\uff61-\uffdc]/;
/** Accents, and what chooses how the character before it is drawn. */
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\u200b-\u200d]/u;

const ONLY_ASCII = /^[ -~]*$/;

/** @param text as it is given to `TextOutput`, which spells out what would steer the terminal */
export function displayWidth(text: string): number {
  if (ONLY_ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of visibleText(text)) width += widthOf(character);
  return width;
}

function widthOf(character: string): number {
  if (WITHOUT_WIDTH.test(character)) return 0;
  return WIDE.test(character) && !HALF_WIDTH.test(character) ? 2 : 1;
}
