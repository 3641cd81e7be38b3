import type { ClientFrame } from '../protocol/client-frames.ts'
import type { Access } from './access-decision.ts'

/** Who may ask: accounts by their role, API keys by their scope, visitors, and who brings nothing. */
export const CALLERS = [
  'admin',
  'supervisor',
  'agent',
  'auditor',
  'key: conversations',
  'key: tokens',
  'key: audit',
  'key: admin',
  'visitor',
  'nobody',
] as const
export type Caller = (typeof CALLERS)[number]

/** `own`: where it is his own conversation or account. */
export type May = 'yes' | 'own' | 'no'

type Line = Readonly<Record<Caller, May>>

/** Who may what: the whole of authorisation as a table. A test compares every route and frame with it as everybody. */
export const PERMISSIONS: Readonly<Record<Access | 'token', Line>> = {
  public: everybody('yes'),
  door: everybody('yes'),
  cookie: but(everybody('no'), { admin: 'yes', supervisor: 'yes', agent: 'yes', auditor: 'yes' }),
  token: but(everybody('yes'), { nobody: 'no' }),
  giver: but(everybody('no'), { admin: 'yes', 'key: tokens': 'yes', nobody: 'yes' }),
  conversation: but(everybody('no'), {
    admin: 'yes',
    supervisor: 'yes',
    agent: 'yes',
    'key: conversations': 'yes',
    visitor: 'own',
  }),
  staff: but(everybody('yes'), { visitor: 'no', nobody: 'no' }),
  'set-up': but(everybody('no'), { admin: 'yes', 'key: admin': 'yes' }),
  'account-read': but(everybody('no'), {
    admin: 'yes',
    auditor: 'yes',
    'key: audit': 'yes',
    'key: admin': 'yes',
    supervisor: 'own',
    agent: 'own',
  }),
  'account-change': but(everybody('no'), {
    admin: 'yes',
    'key: admin': 'yes',
    supervisor: 'own',
    agent: 'own',
    auditor: 'own',
  }),
  conversations: but(everybody('no'), { admin: 'yes', supervisor: 'yes', agent: 'yes', 'key: conversations': 'yes' }),
  tokens: but(everybody('no'), { admin: 'yes', 'key: tokens': 'yes' }),
  audit: but(everybody('no'), { admin: 'yes', auditor: 'yes', 'key: audit': 'yes', 'key: admin': 'yes' }),
  admin: but(everybody('no'), { admin: 'yes', 'key: admin': 'yes' }),
}

/** Every route that a node serves. One that is not here makes the test fail. */
export const ROUTES: Readonly<Record<string, Access>> = {
  'GET /': 'public',
  'GET /agent': 'public',
  'GET /cluster': 'public',
  'GET /console': 'public',
  'GET /console/*': 'public',
  'GET /sign-in': 'public',
  'GET /set-up': 'public',
  'GET /assets/*': 'public',
  'GET /Chime/Content/images/*': 'public',
  'GET /holdfast-chat.js': 'public',
  'GET /holdfast.svg': 'public',
  'GET /health/live': 'public',
  'GET /health/ready': 'public',
  'GET /health/active': 'public',
  'GET /health/deps': 'public',
  'GET /Chime/API/Health/Status': 'public',
  'GET /metrics': 'public',
  'GET /.well-known/acme-challenge/:token': 'public',
  'GET /api/sign-in': 'public',
  'POST /api/session': 'door',
  'POST /api/session/set-up': 'door',
  'GET /api/set-up': 'set-up',
  'GET /api/set-up/reach/:nonce': 'public',
  'POST /api/set-up/address': 'set-up',
  'POST /api/set-up/certificate': 'set-up',
  'POST /api/set-up/mail': 'set-up',
  'POST /api/set-up/skip': 'set-up',
  'GET /api/session/provider': 'public',
  'GET /api/session/provider/return': 'public',
  'POST /api/session/token': 'cookie',
  'POST /api/session/end': 'cookie',
  'POST /api/demo/token': 'public',
  'POST /api/tokens/refresh': 'public',
  'POST /api/tokens': 'giver',
  'POST /api/conversations': 'tokens',
  'GET /api/conversations': 'conversations',
  'POST /api/conversations/:id/messages': 'conversation',
  'POST /api/conversations/:id/close': 'conversation',
  'GET /api/conversations/:id/events': 'conversation',
  'GET /api/kpi': 'staff',
  'GET /api/accounts': 'audit',
  'POST /api/accounts': 'admin',
  'GET /api/accounts/:id': 'account-read',
  'POST /api/accounts/:id': 'admin',
  'POST /api/accounts/:id/remove': 'admin',
  'POST /api/accounts/:id/password': 'account-change',
  'GET /api/accounts/:id/sessions': 'account-read',
  'POST /api/accounts/:id/sessions/:session/end': 'account-change',
  'GET /api/api-keys': 'audit',
  'POST /api/api-keys': 'admin',
  'POST /api/api-keys/:id/revoke': 'admin',
  'GET /api/audit': 'audit',
  'GET /api/audit/check': 'audit',
  'GET /api/certificate': 'audit',
  'POST /api/certificate/import': 'admin',
  'POST /api/certificate/export': 'admin',
  'POST /api/certificate/issue': 'admin',
  'GET /api/cluster': 'audit',
  'GET /api/cluster/conversations': 'audit',
  'GET /api/cluster/decisions': 'audit',
  'GET /api/cluster/doctor': 'audit',
  'GET /api/cluster/support': 'audit',
  'GET /api/cluster/nodes/:name/decisions': 'audit',
  'GET /api/cluster/nodes/:name/drain': 'audit',
  'POST /api/cluster/nodes/:name/move': 'admin',
  'POST /api/cluster/nodes/:name/:act': 'admin',
  'GET /api/config': 'audit',
  'GET /api/config/document': 'audit',
  'GET /api/config/history': 'audit',
  'POST /api/config/changes': 'admin',
  'POST /api/config/rollback': 'admin',
  'GET /api/alarms': 'audit',
  'GET /api/alarms/catalogue': 'audit',
  'GET /api/alarms/:episode': 'audit',
  'POST /api/alarms/:episode/acknowledge': 'admin',
  'POST /api/alarms/:episode/close': 'admin',
  'POST /api/alarms/silences': 'admin',
  'POST /api/alarms/silences/:silence/end': 'admin',
  'GET /api/outbox': 'audit',
  'POST /api/outbox/replay': 'admin',
  'POST /api/outbox/drop': 'admin',
  'GET /api/assets': 'audit',
  'POST /api/assets': 'admin',
  'POST /api/assets/:file/remove': 'admin',
  'POST /api/assets/collect': 'admin',
  'GET /api/secrets': 'audit',
  'POST /api/secrets/:name': 'admin',
  'POST /api/secrets/:name/remove': 'admin',
  'POST /api/secret-keys/rotate': 'admin',
}

/** Every frame of a client. `token`: any token that is good. */
export const FRAMES: Readonly<Record<ClientFrame['type'], 'token' | 'conversation'>> = {
  hello: 'token',
  attach: 'conversation',
  detach: 'token',
  send: 'conversation',
  typing: 'conversation',
  seen: 'conversation',
  refresh: 'token',
  ping: 'token',
  pong: 'token',
}

function everybody(may: May): Line {
  return Object.fromEntries(CALLERS.map((caller) => [caller, may])) as Line
}

function but(line: Line, others: Partial<Line>): Line {
  return { ...line, ...others }
}
