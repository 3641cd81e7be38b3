import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { ConversationListAnswer, ConversationRow } from '../../protocol/rest-answers.ts'
import { ALL_PAGES } from '../console/all-pages.ts'
import { ConsoleFrame, showConsole } from '../console/console-frame.tsx'
import { CONSOLE_PATH, mayOf, navigationOf } from '../console/navigation-facts.ts'
import { claimsIn } from '../console/token-facts.ts'
import { usePoll } from '../console/use-poll.ts'
import { useSignOut, WithStaffToken } from '../console/with-staff-token.tsx'
import { pageClock } from '../page-clock-node.ts'
import { unreadAfter } from '../timeline.ts'
import { knownAgents } from './agent-facts.ts'
import { ConversationList, type Unread } from './conversation-list.tsx'
import { ConversationPane } from './conversation-pane.tsx'
import { ConversationTabs } from './conversation-tabs.tsx'
import { DeskStatus } from './desk-status.tsx'
import { NothingSelected } from './nothing-selected.tsx'
import type { ReplyMode } from './reply-form.tsx'
import { type DeskView, StaffDesk } from './staff-desk.ts'
import { loadTabs, saveTabs } from './staff-tabs-node.ts'
import { useDeskKeys } from './use-desk-keys.ts'

const HINT = (
  <>
    The agent page needs an agent's token. <code>holdfast up</code> prints the link with it.
  </>
)

type SignOut = (reason: string) => void

function AgentPage(props: { token: string; signOut: SignOut }) {
  const [desk, setDesk] = useState<StaffDesk>()
  useEffect(() => {
    const made = new StaffDesk(props.token, loadTabs())
    made.start()
    setDesk(made)
    return () => made.stop()
  }, [props.token])
  return desk && <Desk desk={desk} {...props} />
}

function Desk(props: { desk: StaffDesk; token: string; signOut: SignOut }) {
  const { desk } = props
  const view = useSyncExternalStore(desk.subscribe, desk.view)
  const list = usePoll<ConversationListAnswer>('/api/conversations?status=all&limit=200', props.token, 2_000)
  const [mode, setMode] = useState<ReplyMode>('reply')
  const field = useRef<HTMLTextAreaElement>(null)
  const transfer = useRef<() => void>(undefined)
  const onTransferAsked = useCallback((listener: () => void) => {
    transfer.current = listener
    return () => {
      transfer.current = undefined
    }
  }, [])
  const { me, selected } = view
  useSignOut(view.refusal ?? list.refusal, props.signOut)
  useEffect(() => saveTabs(view), [view])
  useDeskKeys({
    step: (by) => desk.step(by),
    toggleNote: () => setMode((before) => (before === 'note' ? 'reply' : 'note')),
    leave: () => selected !== undefined && desk.leave(selected),
    transfer: () => transfer.current?.(),
    write: () => field.current?.focus(),
  })

  const rows = list.answer?.conversations
  const model = selected === undefined ? undefined : desk.model(selected)
  return (
    <ConsoleFrame
      name="Agent"
      facts={<DeskStatus view={view} stale={list.stale} />}
      links={maySeeConsole(props.token) && <a href={CONSOLE_PATH}>Console</a>}
    >
      <div className="desk">
        <ConversationList
          rows={rows}
          nowMs={pageClock.wallMs()}
          selected={selected}
          unreadOf={(row) => unreadOf(desk, view, row)}
          me={me?.id ?? ''}
          onOpen={(conversation) => {
            desk.select(conversation)
            setMode('reply')
          }}
        />
        <div className="work">
          <ConversationTabs desk={desk} view={view} />
          {model && me && selected !== undefined ? (
            <ConversationPane
              key={selected}
              model={model}
              me={me}
              agents={knownAgents(rows ?? [])}
              mode={mode}
              field={field}
              onMode={setMode}
              onTransferAsked={onTransferAsked}
              onSeen={(seq) => desk.markSeen(selected, seq)}
            />
          ) : (
            <NothingSelected />
          )}
        </div>
      </div>
    </ConsoleFrame>
  )
}

function maySeeConsole(token: string): boolean {
  const claims = claimsIn(token)
  return claims !== undefined && navigationOf(ALL_PAGES, mayOf(claims)).length > 0
}

function unreadOf(desk: StaffDesk, view: DeskView, row: ConversationRow): Unread {
  const seen = view.seen[row.conversation] ?? 0
  const opened = desk.model(row.conversation)?.view()
  if (opened?.loaded) return unreadAfter(opened.timeline, view.me?.id ?? '', seen)
  return row.status === 'open' && row.headSeq > seen ? 'new' : 0
}

showConsole(
  <WithStaffToken name="Agent" hint={HINT}>
    {(token, signOut) => <AgentPage key={token} token={token} signOut={signOut} />}
  </WithStaffToken>,
)
