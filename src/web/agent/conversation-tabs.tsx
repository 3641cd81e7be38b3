import type { ConversationModel } from '../conversation-model.ts'
import { unreadAfter } from '../timeline.ts'
import { visitorName } from './agent-facts.ts'
import type { DeskView, StaffDesk } from './staff-desk.ts'
import { useConversation } from './use-conversation.ts'

/** The open conversations, each with what came since it was last looked at. */
export function ConversationTabs(props: { desk: StaffDesk; view: DeskView }) {
  const { desk, view } = props
  if (view.open.length === 0) return null
  return (
    <div className="tabs" role="tablist" aria-label="Open conversations">
      {view.open.map((conversation) => {
        const model = desk.model(conversation)
        const tab = { conversation, desk, view, here: conversation === view.selected }
        return model ? (
          <LiveTab key={conversation} model={model} {...tab} />
        ) : (
          <Tab key={conversation} name="…" {...tab} />
        )
      })}
    </div>
  )
}

interface TabProps {
  readonly conversation: string
  readonly desk: StaffDesk
  readonly view: DeskView
  readonly here: boolean
}

function LiveTab(props: TabProps & { model: ConversationModel }) {
  const { timeline } = useConversation(props.model)
  const seen = props.view.seen[props.conversation] ?? 0
  const unread = props.here ? 0 : unreadAfter(timeline, props.view.me?.id ?? '', seen)
  return <Tab name={visitorName(timeline)} unread={unread} {...props} />
}

function Tab(props: TabProps & { name: string; unread?: number }) {
  const { conversation, desk, here, name, unread = 0 } = props
  return (
    <div className={`tab ${here ? 'here' : ''}`}>
      <button
        type="button"
        role="tab"
        className="tab-open"
        aria-selected={here}
        onClick={() => desk.select(conversation)}
        onAuxClick={(event) => event.button === 1 && desk.leave(conversation)}
      >
        {name}
      </button>
      {unread > 0 && (
        <span className="tab-unread">
          {unread}
          <span className="hidden-text"> new</span>
        </span>
      )}
      <button
        type="button"
        className="tab-close"
        aria-label={`Close the tab of ${name}`}
        onClick={() => desk.leave(conversation)}
      >
        <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M6 6l12 12M18 6L6 18" />
        </svg>
      </button>
    </div>
  )
}
