import * as asn1js from 'asn1js'

/** Bytes that do not have the structure that they should have. */
export class StrangeBytes extends Error {
  override readonly name = 'StrangeBytes'
}

type Block = asn1js.AsnType

/** Reads one value of BER or DER; what follows it is left alone. */
export function readBlock(bytes: Uint8Array): Block {
  const { offset, result } = asn1js.fromBER(bytes as Uint8Array<ArrayBuffer>)
  if (offset < 0) throw new StrangeBytes('these bytes are no ASN.1')
  return result
}

/** What a sequence, a set or a tagged value holds. */
export function partsOf(block: Block | undefined): readonly Block[] {
  if (!(block instanceof asn1js.Constructed)) throw new StrangeBytes('a part is missing or is no sequence')
  return block.valueBlock.value as Block[]
}

export function identifierOf(block: Block | undefined): string {
  if (!(block instanceof asn1js.ObjectIdentifier)) throw new StrangeBytes('an identifier is missing')
  return block.getValue()
}

export function numberOf(block: Block | undefined): number {
  if (!(block instanceof asn1js.Integer) || block.valueBlock.isHexOnly)
    throw new StrangeBytes('a number is missing or too large')
  return block.valueBlock.valueDec
}

/** The bytes of an octet string, of an implicitly tagged one too; several pieces are put together. */
export function octetsOf(block: Block | undefined): Buffer {
  if (block instanceof asn1js.OctetString) return Buffer.from(block.getValue())
  if (block instanceof asn1js.Constructed) return Buffer.concat(partsOf(block).map(octetsOf))
  if (block instanceof asn1js.Primitive) return Buffer.from(block.valueBlock.valueHexView)
  throw new StrangeBytes('bytes are missing')
}

export function bytesOf(block: Block | undefined): Buffer {
  if (!block) throw new StrangeBytes('a part is missing')
  return Buffer.from(block.toBER())
}

export function sequence(...parts: readonly Block[]): asn1js.Sequence {
  return new asn1js.Sequence({ value: [...parts] as asn1js.BaseBlock[] })
}

export function set(...parts: readonly Block[]): asn1js.Set {
  return new asn1js.Set({ value: [...parts] as asn1js.BaseBlock[] })
}

export function identifier(value: string): asn1js.ObjectIdentifier {
  return new asn1js.ObjectIdentifier({ value })
}

export function integer(value: number): asn1js.Integer {
  return new asn1js.Integer({ value })
}

export function octets(bytes: Uint8Array): asn1js.OctetString {
  return new asn1js.OctetString({ valueHex: new Uint8Array(bytes) })
}

/** `[0] EXPLICIT` */
export function tagged(part: Block): asn1js.Constructed {
  return new asn1js.Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [part as asn1js.BaseBlock] })
}

/** `[0] IMPLICIT OCTET STRING` */
export function taggedOctets(bytes: Uint8Array): asn1js.Primitive {
  return new asn1js.Primitive({ idBlock: { tagClass: 3, tagNumber: 0 }, valueHex: new Uint8Array(bytes) })
}

export function nothing(): asn1js.Null {
  return new asn1js.Null()
}
