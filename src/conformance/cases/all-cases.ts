import type { ConformanceCase } from '../conformance-case.ts'
import { CLOSING } from './close-cases.ts'
import { CONTROL } from './control-cases.ts'
import { DELIVERY } from './delivery-cases.ts'
import { FRAGMENTS } from './fragment-cases.ts'
import { LENGTHS, MASKING, RESERVED } from './framing-cases.ts'
import { LET_IN, REFUSED } from './handshake-cases.ts'
import { HTTP_CASES } from './http-cases.ts'
import { PROTOCOL } from './protocol-cases.ts'
import { UTF8 } from './utf8-cases.ts'

/** The whole suite, by what it is about. */
export const ALL_CASES: Readonly<Record<string, readonly ConformanceCase[]>> = {
  'handshakes that are let in': LET_IN,
  'handshakes that are refused': REFUSED,
  'what is hardly HTTP': HTTP_CASES,
  lengths: LENGTHS,
  masking: MASKING,
  'reserved bits and opcodes': RESERVED,
  fragments: FRAGMENTS,
  'control frames': CONTROL,
  closing: CLOSING,
  'UTF-8': UTF8,
  'delivery and ends': DELIVERY,
  'our own protocol': PROTOCOL,
}
