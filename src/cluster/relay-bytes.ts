const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Builds one relay frame. Numbers are big-endian; sequence numbers, epochs and times are 64-bit floats. Its memory comes
 * from Node's pool: a buffer of its own for each small frame would cost more than what is written into it.
 */
export class ByteWriter {
  #bytes: Buffer
  #length = 0

  constructor(expectedBytes = 256) {
    this.#bytes = Buffer.allocUnsafe(expectedBytes)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#length = this.#bytes.writeUInt8(value, this.#length)
  }

  /** An unsigned number below 2^32. */
  count(value: number): void {
    this.#reserve(4)
    this.#length = this.#bytes.writeUInt32BE(value, this.#length)
  }

  /** Any finite number; read by `integer` where it is one from 0 to 2^53 - 1, else by `number`. */
  number(value: number): void {
    this.#reserve(8)
    this.#length = this.#bytes.writeDoubleBE(value, this.#length)
  }

  /** Text with its length in bytes before it. */
  text(value: string): void {
    const length = Buffer.byteLength(value)
    this.count(length)
    this.#reserve(length)
    this.#length += this.#bytes.write(value, this.#length)
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** What was written; the writer is not used afterwards. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}

/**
 * Takes a relay frame apart without ever throwing: what is not there reads as zero or empty, and `failed` tells so at
 * the end. Bytes after the last field belong to a newer version and are left alone.
 */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0
  #failed = false

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get failed(): boolean {
    return this.#failed
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  /** Marks the frame as garbage: a field has a value that the protocol does not allow. */
  fail(): void {
    this.#failed = true
  }

  byte(): number {
    return this.#take(1) ? this.#view.getUint8(this.#at - 1) : 0
  }

  count(): number {
    return this.#take(4) ? this.#view.getUint32(this.#at - 4) : 0
  }

  integer(): number {
    const value = this.#take(8) ? this.#view.getFloat64(this.#at - 8) : 0
    if (Number.isSafeInteger(value) && value >= 0) return value
    this.fail()
    return 0
  }

  /** Any finite number: a store's clock may have fractions of a millisecond. */
  number(): number {
    const value = this.#take(8) ? this.#view.getFloat64(this.#at - 8) : 0
    if (Number.isFinite(value)) return value
    this.fail()
    return 0
  }

  text(): string {
    try {
      return decoder.decode(this.raw(this.count()))
    } catch {
      this.fail()
      return ''
    }
  }

  raw(length: number): Uint8Array {
    return this.#take(length) ? this.#bytes.subarray(this.#at - length, this.#at) : new Uint8Array()
  }

  #take(length: number): boolean {
    if (this.#failed || length > this.remaining) {
      this.#failed = true
      return false
    }
    this.#at += length
    return true
  }
}
