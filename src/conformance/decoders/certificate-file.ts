import fc from 'fast-check'
import { chainFacts, readPem, readPfxChain } from '../../config/certificate-chain-node.ts'
import { judgeCertificate } from '../../config/certificate-decision.ts'
import { type FuzzedDecoder, mustHold } from '../fuzzed-decoder.ts'

// Made by `openssl pkcs12 -export` with one round, so that many are read in a second: AES with SHA-256, Triple DES.
const PASSPHRASE = 'p'
const AES = [
  'MIIE9gIBAzCCBLAGCSqGSIb3DQEHAaCCBKEEggSdMIIEmTCCA1EGCSqGSIb3DQEHBqCCA0IwggM+AgEAMIIDNwYJKoZIhvcNAQcBMFYGCSqGSI',
  'b3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAig1Olz2zp+mQIBATAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQ3ZIX+brHGc4UHSD6SnQpS4CC',
  'AtBUjhoR9XbXUupKUdpNXKCXX77/H0H0ffLfcOaBte10ViI0Mu63RqUlKC2r+tSfGckP8yqEKGDxcHQSrTxr/rkW5AmIvIHnbPZC0A0Fxoy3Vm',
  'DDy8iwlBPmLR98FVzS20LGQqHQ6OkmwsTavPj4XAa/CBIbOVWZZjybctcUFE8PPXOph1z2/4UGrHDO0Sesf8Awr5wAxFTdcNla1VH6XYcBXO4B',
  'VaDfKSc3rFmRxDiC7PYAMHLxwMAA0r0sObXlHlw6lcIh0+kd7LBOj+Cm9tTFdWbW5DpFLTCJAqYKLJvcBreJqRVTlVyTFutPQyaq0GXeH+thN8',
  'JL/kz/9cxyoXgvdTUmz7QcuNFj4txpKEycfMApgp6mlEmI92OSbma/QeprSKbEoizn4gbRqifjVZqzrxuhRqg1Up2j6uk6ZLOK/5MDS2mOZPtj',
  'G7p2NQx8d4mKFKYOJDznE+5LHJuP0f1vrexG2qDeBW9J+IMqeFieGnhGnthaB9MRs0fygtB4aXe1lK+FAuSx9Su/ciNeYWrj2SADkFH6e0OBX4',
  'uAZq/iNv0+t0d/40w5jAa4B+tZcN55a0jbcy8nPL4asQ9psN5oejK5GxUQJsnG2/H7H7vnv+mgR5k9nOF4CzZmPcJRnX7Bo49+UzW265Bgebet',
  'PR96WjduzoOB/GdTA9Qp1WiwaCt1KCltjfDJCBsmzIMDZNzqDWsxCl0SdUA4JYYWvz8HGB+xVO0oNaQGDGsgqL+FklAg+gZs2Vry+m25cbZvEC',
  'I8ZGv3hkI5ZvjBv3MHSVbBlInbXQ+WLP2QixFD1TbL1NfgpUS6NMRBPgt6DEHqXulNBLQ2txb2Hqh2nc6anj0hnbR5Yiloc+VYKhzd3ZDsEYvI',
  'i/piyk0E4Q748w+RjCoVx0+NzzbsIHHoPSaEVfXthq4rgGqAuCW+A6nBij05S6SyIXTJM7aYV6ZfdH0uTQowggFABgkqhkiG9w0BBwGgggExBI',
  'IBLTCCASkwggElBgsqhkiG9w0BDAoBAqCB7jCB6zBWBgkqhkiG9w0BBQ0wSTAoBgkqhkiG9w0BBQwwGwQIWQrGs3B9twYCAQEwDAYIKoZIhvcN',
  'AgkFADAdBglghkgBZQMEASoEEEgA6HdU/6N5U0mYxCxfqGAEgZATSAnH42YFUSGO8WsGAfvLeDZrIJ9+fCmk4+pQ5t4ZOblAXMK1mkegi+GOuF',
  'rbqGY9hyuzNw0fHkpYQdwBk7ETehqfyUKK77Vi6ExnUeoEyrOp1WMGoBLGUCMeFS2vSGlxPsZhtVnjXBXDkEPAzRHtQ6gEDdpAcyrqDIDrM2Cv',
  'BImcl4hEoNnm/ovo8p2ymoYxJTAjBgkqhkiG9w0BCRUxFgQU2UKVKRn3KKJWaS10wu38DFAab8QwPTAxMA0GCWCGSAFlAwQCAQUABCBLFpputA',
  'ZEIwRAnBt4t9FmusV1eDXi8hr57Q9GZNQ8cAQIIQLg3ZtS//E=',
]
const TRIPLE_DES = [
  'MIIEZAIBAzCCBC4GCSqGSIb3DQEHAaCCBB8EggQbMIIEFzCCAw4GCSqGSIb3DQEHBqCCAv8wggL7AgEAMIIC9AYJKoZIhvcNAQcBMBsGCiqGSI',
  'b3DQEMAQMwDQQI/W3iEbdhRdoCAQGAggLI9XPeQdDW3+t2TQUqa0+UhyeQKQHRQP3QTW3AhU9D473NuIKQ0P9rDJh9MiuX2pDADjgYWjhWE4/g',
  'JOTJUo2yqlFqUCmwkncU5BgSnqV0T3GGC4q3MVMBNZkBUCgQLQIIgzSkzwa4meBU1U72lTDQLOZTCnWG5FwZwT0apFhlS0bRnrUvxDNyEGqVT1',
  'fiW4IdLQtMIfBsk/KWY87sxldhu9ABuc/H2SHS+NjlmgAHdexzX9wC6gDxpcNDoOEsOriEv2J+w9ea0QPkTS+mBDILM/ZFSrc7Z4zS9ktyH9qL',
  'Lsiyc0Ydidf12e1tau6hxccZxbMvGdmQY6SDJ/eH79YZ5/qH5X/NQ4a+90zutX5Wm4iiNXJf1wXktxAck+ATsPMi1OynLT7oZofmect2+r84+w',
  'caBd0ccbuJPModfmxcClLX95zJIFOFEGYCfgZRSSjbUgknjGS7DoNfZhvCrajXGTN4IuRWsmC9DayCq2cX6z/kgrP6Q6LTKj5kHOw9e91xHglF',
  '3wUzI+Oyer1pDtrrr5sT7I85X8Mgm0u/CryITvpkfvGfTrl7mkrcIpdfIgkeYrxEIjCa4mZPXCdpFjESoMoWVfAUAt1p4ydU5HMoesBg55RS2W',
  'eZlrnAlwI5oVSj8ehJ/hF6sLOaWvFEwdB/kmTJ1yqp0ANwWVYIlKUhF5ebV8kHvPuBch47lUsDkn+PMe1pPUkjxpyJDrQHsYnuy2gBzPGCejpZ',
  '5pE8/446xyQ9gMeJzCksNaaJbDlKQ/dKSMHH2GLHxSv7/YLLeR/Nervp8zu67l0Ol7R5FmJOyGnE5649LFtf4oc2u1tdOMINDqoAuKWmZ9CWm1',
  't+8v/Ut88KExUbzUUvrmFFm4Ny+EVX1PzqIA/xKEshn0DL8vAC4NN0jufmTNUxDZzR7IyqJ/38uiAWxGCInVB+ll1ukhhor0OGTnmtTzCCAQEG',
  'CSqGSIb3DQEHAaCB8wSB8DCB7TCB6gYLKoZIhvcNAQwKAQKggbMwgbAwGwYKKoZIhvcNAQwBAzANBAjYhw0z/wkKdAIBAQSBkGI9I2HvG9zQUJ',
  'ZB9yNX2dXY3BL8ypKpKQqXg3iq/2qbNW4hB3KJZ2aUh9SH5aRGVvO3C+qeqGBJ7EOAVW38CCo8dDpV8uc2vjC/jU9s2X1qrvclbXywtJoI0O2i',
  'brJWlqCpLLNiy/jgWCGvZfm/HSDbnaoHZy9gTb3yi3AHvmtuuIj5C/QxTn6mswKUC4vptjElMCMGCSqGSIb3DQEJFTEWBBTZQpUpGfcoolZpLX',
  'TC7fwMUBpvxDAtMCEwCQYFKw4DAhoFAAQUojJxA3geyfsWrLaC3117pl85ou4ECMYvJFQJ5ZCN',
]
const bytesOf = (lines: readonly string[]) => Buffer.from(lines.join(''), 'base64')

/** Certificates with their keys as somebody brought them, PFX or PEM. */
export async function open(): Promise<FuzzedDecoder> {
  const good = await readPfxChain(bytesOf(AES), PASSPHRASE)
  mustHold(good.kind === 'read', 'the seed is good')
  return {
    seeds: [bytesOf(AES), bytesOf(TRIPLE_DES), [...good.chain, good.key].join('\n')],
    words: ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', '-----BEGIN ENCRYPTED PRIVATE KEY-----', '\n'],
    drawn: fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.base64String().map((text) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`),
    ),
    read,
  }
}

async function read(input: Uint8Array): Promise<void> {
  const isPem = input[0] === '-'.charCodeAt(0)
  const found = isPem ? readPem(Buffer.from(input).toString(), PASSPHRASE) : await readPfxChain(input, PASSPHRASE)
  if (found.kind === 'unreadable') return mustHold(found.sentence.endsWith('.'), 'what is wrong is said in a sentence')
  const facts = chainFacts(found)
  mustHold(facts.chain.length > 0, 'what is read has a certificate')
  mustHold(
    facts.linked.every((linked) => linked),
    'what is read is in order',
  )
  judgeCertificate(facts, { hosts: ['chat.example.com'], nowMs: 0 })
}
