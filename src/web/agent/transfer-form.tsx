import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { agentIdFor } from './agent-facts.ts'

interface Agent {
  readonly id: string
  readonly name: string
}

/** Asks for the agent who takes the conversation: one who is known, or any other by name. */
export function TransferForm(props: {
  agents: readonly Agent[]
  onCancel: () => void
  onTransfer: (to: Agent) => void
}) {
  const [name, setName] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const id = agentIdFor(name, props.agents)
    if (id !== '') props.onTransfer({ id, name: name.trim() })
  }
  return (
    <form
      className="transfer"
      aria-label="Transfer"
      onSubmit={submit}
      onKeyDown={(event) => event.key === 'Escape' && props.onCancel()}
    >
      <TextInput
        size="sm"
        aria-label="Name of the agent"
        placeholder="Name of the agent"
        list="known-agents"
        autoFocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <datalist id="known-agents">
        {props.agents.map((agent) => (
          <option key={agent.id} value={agent.name} />
        ))}
      </datalist>
      <Button size="sm" type="submit" disabled={agentIdFor(name, props.agents) === ''}>
        Transfer
      </Button>
      <Button size="sm" variant="default" onClick={props.onCancel}>
        Cancel
      </Button>
    </form>
  )
}
