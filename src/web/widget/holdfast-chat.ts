import { ChatView } from './chat-view.ts'

console.log(ChatView)
