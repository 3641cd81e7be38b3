/** What a client does when its socket closes with a code. */
export type CloseReaction = 'reconnect' | 'refresh the token, then reconnect' | 'stop'

/**
 * Every code with which either side closes a socket, and what the client does then. A code that is not here means
 * `reconnect`: being too eager costs a connection, giving up costs a conversation.
 */
export const CLOSE_CODES = {
  1000: { name: 'done', reaction: 'reconnect', meaning: 'Somebody between closed; who closes itself needs no reason.' },
  1001: { name: 'going-away', reaction: 'reconnect', meaning: 'The node or a balancer before it goes away.' },
  1002: { name: 'protocol-error', reaction: 'reconnect', meaning: 'Somebody between broke a WebSocket frame.' },
  1006: { name: 'lost', reaction: 'reconnect', meaning: 'The connection broke without a close frame.' },
  1007: { name: 'bad-encoding', reaction: 'reconnect', meaning: 'Somebody between broke a text: it is no UTF-8.' },
  1008: { name: 'too-many-pieces', reaction: 'stop', meaning: 'A text came in more than 16384 frames.' },
  1009: { name: 'frame-too-large', reaction: 'stop', meaning: 'A frame was larger than `limits.frameBytes`.' },
  1011: { name: 'server-fault', reaction: 'reconnect', meaning: 'The node met a fault of its own.' },
  1012: { name: 'restarting', reaction: 'reconnect', meaning: 'The node restarts.' },
  1013: { name: 'try-later', reaction: 'reconnect', meaning: 'The node has as many sockets as it may.' },
  4400: { name: 'malformed', reaction: 'stop', meaning: 'A frame was not what the protocol allows.' },
  4401: {
    name: 'token-refused',
    reaction: 'refresh the token, then reconnect',
    meaning: 'The token is missing, expired or not ours.',
  },
  4406: { name: 'version-unsupported', reaction: 'stop', meaning: 'No protocol version in common; reload the page.' },
  4408: { name: 'silent', reaction: 'reconnect', meaning: 'Nothing came for two heartbeats.' },
  4409: { name: 'superseded', reaction: 'stop', meaning: 'A later socket of the same page load took over.' },
  4413: {
    name: 'too-slow',
    reaction: 'reconnect',
    meaning: 'The client did not take its events; it resumes from its last one.',
  },
  4429: { name: 'rate-limited', reaction: 'reconnect', meaning: 'Far too many frames.' },
} as const satisfies Record<number, { name: string; reaction: CloseReaction; meaning: string }>

export type CloseCode = keyof typeof CLOSE_CODES

export function reactionTo(code: number): CloseReaction {
  return code in CLOSE_CODES ? CLOSE_CODES[code as CloseCode].reaction : 'reconnect'
}
