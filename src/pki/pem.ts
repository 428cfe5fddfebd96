/** Reads PEM (RFC 7468) as a list of blocks, and detects a file that was cut off. */

/** A certificate, or a chain of them, and the private key of the first. */
export interface PemPair {
  readonly certPem: string;
  /** PKCS#8. */
  readonly keyPem: string;
}

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, … */
  readonly label: string;
  /** From `-----BEGIN` to the end of the `-----END` line, with its newline. */
  readonly pem: string;
}

export interface PemText {
  readonly blocks: readonly PemBlock[];
  /** What begins first and does not end, by its label: the file is half written, or damaged. */
  readonly cutOff?: string;
}

const BOUNDARY = /^-----(BEGIN|END) ([A-Z0-9][A-Z0-9 ]*)-----\s*$/;

/** Text around the blocks, such as what `openssl x509 -text` prints, is passed over. Linear in the length of the text. */
export function readPem(text: string): PemText {
  const blocks: PemBlock[] = [];
  let cutOff: string | undefined;
  let open: { label: string; lines: string[] } | undefined;
  const lines = text.split('\n');
  for (const line of lines) {
    const [, boundary, label] = BOUNDARY.exec(line) ?? [];
    open?.lines.push(line.trimEnd());
    if (label === undefined) continue;
    if (boundary === 'BEGIN') {
      cutOff ??= open?.label;
      open = { label, lines: [line.trimEnd()] };
    } else if (open?.label === label) {
      blocks.push({ label, pem: `${open.lines.join('\n')}\n` });
      open = undefined;
    }
  }
  cutOff ??= open?.label;
  // Cut within the very first line of a block, which then is no boundary.
  const last = lines.at(-1) ?? '';
  if (last.startsWith('-') && !BOUNDARY.test(last)) cutOff ??= 'block';
  return cutOff === undefined ? { blocks } : { blocks, cutOff };
}

/** The blocks with exactly the label CERTIFICATE, in the order of the text. */
export function certificateBlocks({ blocks }: PemText): readonly string[] {
  return blocks.filter((block) => block.label === 'CERTIFICATE').map(({ pem }) => pem);
}
