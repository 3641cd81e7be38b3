import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { Question } from '../console/question.tsx'
import { ChangeDiff } from './change-diff.tsx'
import type { AskedChange } from './use-change.ts'

/** Shows what a change would do and asks why, before it is stored. */
export function ChangeQuestion(props: {
  asked: AskedChange | undefined
  title: string
  act: string
  harmless: string
  /** It takes something away. */
  dangerous?: boolean
  busy: boolean
  trouble: string | undefined
  onClose: () => void
  onStore: (reason: string) => void
}) {
  const { asked, dangerous = false } = props
  const [reason, setReason] = useState('')
  const close = () => {
    setReason('')
    props.onClose()
  }
  return (
    <Question
      asked={
        asked && {
          title: props.title,
          act: props.act,
          harmless: props.harmless,
          dangerous,
          wide: true,
          body: (
            <>
              <ChangeDiff diffs={asked.diffs} />
              <TextInput
                label="Reason"
                description="It stands in the history beside your name."
                required
                maxLength={500}
                value={reason}
                {...(!dangerous && { 'data-autofocus': true })}
                onChange={(event) => setReason(event.currentTarget.value)}
              />
            </>
          ),
        }
      }
      busy={props.busy}
      trouble={props.trouble}
      incomplete={reason.trim() === ''}
      onClose={close}
      onAct={() => props.onStore(reason.trim())}
    />
  )
}
