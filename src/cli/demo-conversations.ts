import type { TokenAnswer } from '../protocol/rest-answers.ts'

/** Calls REST as the holder of a token. */
export type CallAs = (token: string) => { post<Answer>(path: string, body: object): Promise<Answer> }

interface DemoConversation {
  readonly key: string
  readonly visitor: string
  readonly subject: string
  readonly lines: readonly (readonly ['visitor' | 'agent', string])[]
}

const DEMO: readonly DemoConversation[] = [
  {
    key: 'demo-1',
    visitor: 'Ada',
    subject: 'Where is my order?',
    lines: [
      ['visitor', 'Hello, my order 1815 has not come yet.'],
      ['agent', 'Good morning Ada. It left us yesterday; it should be there by noon.'],
      ['visitor', 'Thank you, I shall wait.'],
    ],
  },
  {
    key: 'demo-2',
    visitor: 'Bao',
    subject: 'Password',
    lines: [['visitor', 'I cannot sign in since this morning. What can I do?']],
  },
  {
    key: 'demo-3',
    visitor: 'Chiara',
    subject: 'An invoice',
    lines: [
      ['visitor', 'Could you send me the invoice of March once more?'],
      ['agent', 'Of course. To the same address?'],
    ],
  },
]

/** A few conversations to look at. Every command carries a key, so a second start writes nothing twice. */
export async function openDemoConversations(callAs: CallAs, tokens: { admin: string; agent: string }): Promise<void> {
  const admin = callAs(tokens.admin)
  const agent = callAs(tokens.agent)
  for (const { key, visitor, subject, lines } of DEMO) {
    // Not `live`: nobody is there to answer the idle control.
    const opened = await admin.post<TokenAnswer>('/api/conversations', { key, name: visitor, subject, mode: 'async' })
    const path = `/api/conversations/${opened.conversation}/messages`
    for (const [index, [who, text]] of lines.entries())
      await (who === 'visitor' ? callAs(opened.token) : agent).post(path, { key: `${key}-${index}`, text })
  }
}
