import { assert } from '../base/assertion.ts'

export interface ArchivedFile {
  /** A path of at most 100 bytes. */
  readonly name: string
  readonly bytes: Uint8Array
}

const BLOCK_BYTES = 512
const NAME_BYTES_MAX = 100
// Of the header, by POSIX.1-1988 (ustar).
const CHECKSUM_AT = 148

/** A tar archive (POSIX ustar) of plain files that only their owner may read. `atMs`: when they were made, since 1970. */
export function tarArchive(files: readonly ArchivedFile[], atMs: number): Uint8Array {
  const parts = files.flatMap(({ name, bytes }) => [headerOf(name, bytes.length, atMs), bytes, padding(bytes.length)])
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK_BYTES)])
}

function headerOf(name: string, sizeBytes: number, atMs: number): Buffer {
  assert(Buffer.byteLength(name) <= NAME_BYTES_MAX, `"${name}" is too long for an archive`)
  const header = Buffer.alloc(BLOCK_BYTES)
  header.write(name, 0)
  header.write(octal(0o600, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(sizeBytes, 12), 124)
  header.write(octal(Math.floor(atMs / 1000), 12), 136)
  header.write('0', 156)
  header.write('ustar\u000000', 257)
  // The sum is made over a header that has spaces in its place.
  header.fill(' ', CHECKSUM_AT, CHECKSUM_AT + 8)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, CHECKSUM_AT)
  return header
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\u0000`
}

function padding(length: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (length % BLOCK_BYTES)) % BLOCK_BYTES)
}
