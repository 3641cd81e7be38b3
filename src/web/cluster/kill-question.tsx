import { Button, Modal } from '@mantine/core'
import { useRef } from 'react'
import type { NodeRow } from '../../protocol/rest-answers.ts'
import { plural } from '../console/console-text.ts'

/** Asks before a process is killed. The harmless answer has the keyboard. */
export function KillQuestion(props: {
  node: NodeRow | undefined
  onClose: () => void
  onKill: (node: NodeRow) => void
}) {
  // While the dialog fades out it still tells of the node that it was about.
  const last = useRef(props.node)
  if (props.node) last.current = props.node
  const node = last.current
  return (
    <Modal
      opened={props.node !== undefined}
      onClose={props.onClose}
      title={`Kill ${node?.name ?? ''} with SIGKILL?`}
      centered
      lockScroll={false}
      radius={14}
    >
      <p className="kill-text">
        The process ends at once, without a word to anybody, as if its machine lost power.{' '}
        {node &&
          node.owned > 0 &&
          `Others take over its ${plural(node.owned, 'conversation')}; nobody in them should notice. `}
        It is started again a moment later.
      </p>
      <div className="kill-answers">
        <Button variant="default" data-autofocus onClick={props.onClose}>
          Let it live
        </Button>
        <Button color="red" onClick={() => node && props.onKill(node)}>
          Kill -9
        </Button>
      </div>
    </Modal>
  )
}
