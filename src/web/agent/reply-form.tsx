import { Button, Kbd, SegmentedControl, Textarea } from '@mantine/core'
import { type KeyboardEvent, type RefObject, useState } from 'react'

export type ReplyMode = 'reply' | 'note'

/** Where an agent writes: an answer, or a note that the visitor never sees. Each conversation keeps its draft. */
export function ReplyForm(props: {
  disabled: boolean
  mode: ReplyMode
  field: RefObject<HTMLTextAreaElement | null>
  onMode: (mode: ReplyMode) => void
  onTyping: () => void
  onSend: (text: string) => void
}) {
  const [draft, setDraft] = useState('')
  const note = props.mode === 'note'
  const send = () => {
    const text = draft.trim()
    if (text === '' || props.disabled) return
    setDraft('')
    props.onSend(text)
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  return (
    <form
      className={`reply ${note ? 'as-note' : ''}`}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <div className="reply-tools">
        <SegmentedControl
          size="xs"
          aria-label="What is written"
          value={props.mode}
          onChange={(value) => props.onMode(value === 'note' ? 'note' : 'reply')}
          data={[
            { value: 'reply', label: 'Reply' },
            { value: 'note', label: 'Internal note' },
          ]}
        />
        <span className="reply-hint">
          {note ? 'Seen by staff only' : <>**bold**, *italic*, `code`, [link](https://…)</>} ·{' '}
          <Kbd size="xs">Enter</Kbd> sends
        </span>
      </div>
      <div className="reply-line">
        <Textarea
          ref={props.field}
          autosize
          minRows={2}
          maxRows={8}
          aria-label={note ? 'Internal note' : 'Reply'}
          placeholder={note ? 'A note for your colleagues' : 'Write a reply'}
          value={draft}
          disabled={props.disabled}
          onKeyDown={onKey}
          onChange={(event) => {
            setDraft(event.currentTarget.value)
            if (!note) props.onTyping()
          }}
        />
        <Button type="submit" disabled={props.disabled || draft.trim() === ''}>
          {note ? 'Add note' : 'Send'}
        </Button>
      </div>
    </form>
  )
}
