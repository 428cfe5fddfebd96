/** Names of images, as container runtimes read them. */
import { TextMemo } from './text-memo.ts';

export interface ImageReference {
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/**
 * The parts of a name of an image. Mirrors github.com/distribution/reference, as kubernetes `pkg/util/parsers` `ParseImageName`
 * calls it.
 *
 * @returns undefined for what does not parse: an empty text, upper-case repositories, blanks
 */
export function parseImageReference(image: string): ImageReference | undefined {
  const known = READ.get(image);
  if (known !== undefined) return known === UNREADABLE ? undefined : known;
  const match = IMAGE_REFERENCE.exec(image);
  const { tag, digest } = (match?.groups ?? {}) as { tag?: string; digest?: string };
  const reference = match === null ? UNREADABLE : { tag, digest };
  READ.set(image, reference);
  return match === null ? undefined : reference;
}

const UNREADABLE: ImageReference = { tag: undefined, digest: undefined };
const LONGEST_REMEMBERED = 256;
const READ = new TextMemo<ImageReference>(1024, LONGEST_REMEMBERED);

/** The grammar of github.com/distribution/reference, as far as its parts matter here. */
const IMAGE_REFERENCE =
  /^(?:[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*)*(?::\d+)?\/|\[[0-9a-fA-F:]+\](?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$/;
