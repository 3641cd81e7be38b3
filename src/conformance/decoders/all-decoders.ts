import type { FuzzedDecoder } from '../fuzzed-decoder.ts'

/** Where a decoder is, and the source files (below `src`) whose branches lead the search. */
interface DecoderEntry {
  readonly files: readonly string[]
  /** The files are instrumented before: nothing else may import them earlier. */
  readonly open: () => Promise<FuzzedDecoder>
}

/** Every decoder that faces the outside; loaded only where it is fuzzed. */
export const DECODERS = {
  'client-frame': {
    files: ['protocol/client-frame-schema.ts', 'conversation/command-texts.ts', 'conversation/text-rule.ts'],
    open: async () => (await import('./client-frame.ts')).decoder,
  },
  'client-session': {
    files: [
      'channels/native-session.ts',
      'channels/native-channel.ts',
      'channels/conversation-view.ts',
      'channels/event-texts.ts',
      'channels/rate-limiter.ts',
      'channels/token-check.ts',
    ],
    open: async () => (await import('./client-session.ts')).decoder,
  },
  'server-frame': {
    files: ['protocol/server-frame-decoder.ts'],
    open: async () => (await import('./server-frame.ts')).decoder,
  },
  'relay-frame': {
    files: ['cluster/relay-codec.ts', 'cluster/relay-values.ts', 'cluster/relay-bytes.ts'],
    open: async () => (await import('./relay-frame.ts')).decoder,
  },
  'relay-stream': {
    files: ['cluster/frame-splitter.ts'],
    open: async () => (await import('./relay-stream.ts')).decoder,
  },
  rest: {
    files: [
      'server/rest-conversations.ts',
      'server/rest-tokens.ts',
      'server/rest-admin.ts',
      'server/route-access.ts',
      'server/http-answers.ts',
      'server/token-desk.ts',
      'server/cluster-view.ts',
    ],
    open: async () => (await import('./rest-request-node.ts')).open(),
  },
  token: {
    files: ['server/signing-keys-node.ts'],
    open: async () => (await import('./token-node.ts')).open(),
  },
  'join-token': {
    files: ['config/join-token.ts'],
    open: async () => (await import('./join-token-text.ts')).decoder,
  },
  settings: {
    files: ['config/settings.ts', 'config/setting.ts', 'server/public-addresses.ts'],
    open: async () => (await import('./settings-source.ts')).decoder,
  },
  'certificate-file': {
    files: ['config/pfx-node.ts', 'config/asn1-blocks.ts', 'config/password-encryption-node.ts'],
    open: async () => (await import('./certificate-file.ts')).open(),
  },
  'member-facts': {
    files: ['store/member-facts.ts'],
    open: async () => (await import('./member-facts-source.ts')).decoder,
  },
} as const satisfies Readonly<Record<string, DecoderEntry>>

export type DecoderName = keyof typeof DECODERS

export const DECODER_NAMES = Object.keys(DECODERS) as readonly DecoderName[]
