/**
 * Runs Erlang inside a RabbitMQ. Starting `rabbitmqctl` starts another Erlang for each command, which takes seconds on a busy
 * machine; so it is started once, to have the server listen for expressions.
 * @module
 */
import { once } from "node:events";
import { createConnection } from "node:net";

/** For `rabbitmqctl eval`: listens on a port of its own, evaluates what is sent there, answers `ok ...` or `error ...`. */
export const LISTEN_FOR_EXPRESSIONS = `
  Starter = self(),
  Serve = fun(Socket) ->
    {ok, Text} = gen_tcp:recv(Socket, 0),
    Reply = try
      {ok, Tokens, _} = erl_scan:string(binary_to_list(Text)),
      {ok, Parsed} = erl_parse:parse_exprs(Tokens),
      {value, Value, _} = erl_eval:exprs(Parsed, []),
      io_lib:format("ok ~p", [Value])
    catch Class:Reason -> io_lib:format("error ~p", [{Class, Reason}]) end,
    gen_tcp:send(Socket, unicode:characters_to_binary(Reply)),
    gen_tcp:close(Socket)
  end,
  spawn(fun() ->
    {ok, Listening} = gen_tcp:listen(0, [binary, {packet, 4}, {active, false}, {ip, {127, 0, 0, 1}}, {backlog, 64}]),
    {ok, Port} = inet:port(Listening),
    Starter ! {port, Port},
    Accept = fun Next() ->
      {ok, Socket} = gen_tcp:accept(Listening),
      Server = spawn(fun() -> receive yours -> Serve(Socket) end end),
      ok = gen_tcp:controlling_process(Socket, Server),
      Server ! yours,
      Next()
    end,
    Accept()
  end),
  receive {port, Port} -> Port after 10000 -> none end.
`;

/**
 * @param expression - Ends with a full stop.
 * @returns Its value as Erlang prints it.
 * @throws Error with what went wrong in the server.
 */
export async function evaluate(port: number, expression: string): Promise<string> {
  const socket = createConnection(port, "127.0.0.1");
  const ended = once(socket, "end");
  let answer: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    answer = Buffer.concat([answer, chunk]);
  });
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(expression));
  socket.write(Buffer.concat([length, Buffer.from(expression)]));
  await ended;
  socket.destroy();
  const text = answer.toString("utf8", 4);
  if (!text.startsWith("ok ")) throw new Error(`${expression}: ${text}`);
  return text.slice(3);
}
