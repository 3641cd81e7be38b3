import { ConsoleFrame, showConsole } from '../console/console-frame.tsx'

showConsole(<ConsoleFrame name="Agent">x</ConsoleFrame>)
