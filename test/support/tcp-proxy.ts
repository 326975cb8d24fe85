/**
 * A TCP proxy in front of a workspace. It forwards bytes, resets connections, truncates responses,
 * and can stop and restart on its port.
 */
import net from "node:net";
import {
  startWorkspace,
  type RunningWorkspace,
  type WorkspaceOptions,
} from "../../src/workspace/server";

export type ProxyAction =
  | "pass"
  /** Resets the connection without forwarding the request. */
  | "resetBeforeRequest"
  /** Forwards the request and resets the connection. */
  | "resetAfterRequest"
  /** Resets the connection after half of the response. */
  | "resetMidResponse"
  /** Closes the connection after half of the response. */
  | "closeMidResponse";

export class TcpProxy {
  /** Called for each chunk of a request. */
  chooseAction: () => ProxyAction = () => "pass";
  readonly #server = net.createServer((client) => this.#connect(client));
  readonly #open = new Set<net.Socket>();
  #target = 0;
  #port = 0;

  /** Starts a proxy, and a workspace behind it that accepts the proxy's host. */
  static async withWorkspace(
    options: WorkspaceOptions = {},
  ): Promise<{ readonly workspace: RunningWorkspace; readonly proxy: TcpProxy }> {
    const proxy = new TcpProxy();
    await proxy.restart();
    const workspace = await startWorkspace({ ...options, hosts: [new URL(proxy.host).host] });
    proxy.#target = Number(new URL(workspace.host).port);
    return { workspace, proxy };
  }

  get host(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Resets all connections, and refuses new ones. */
  stop(): void {
    if (this.#server.listening) this.#server.close();
    for (const socket of this.#open) socket.resetAndDestroy();
  }

  async restart(): Promise<void> {
    this.chooseAction = () => "pass";
    if (this.#server.listening) return;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(this.#port, "127.0.0.1", () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
    this.#port = (this.#server.address() as net.AddressInfo).port;
  }

  #connect(client: net.Socket): void {
    const workspace = net.connect(this.#target, "127.0.0.1");
    let action: ProxyAction = "pass";
    for (const socket of [client, workspace]) {
      const otherSocket = socket === client ? workspace : client;
      this.#open.add(socket);
      // A failure of one side closes the connection to the other side.
      socket.on("error", () => otherSocket.destroy());
      socket.on("close", () => {
        this.#open.delete(socket);
        otherSocket.end();
      });
    }
    client.on("data", (piece) => {
      action = this.chooseAction();
      if (action !== "resetBeforeRequest") workspace.write(piece);
      if (action === "resetBeforeRequest" || action === "resetAfterRequest")
        client.resetAndDestroy();
    });
    workspace.on("data", (piece) => {
      if (action === "pass") client.write(piece);
      else if (action === "resetMidResponse" || action === "closeMidResponse")
        client.write(piece.subarray(0, piece.length / 2), () =>
          action === "resetMidResponse" ? client.resetAndDestroy() : client.end(),
        );
    });
  }
}
