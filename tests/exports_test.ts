import assert from "node:assert/strict";

const { exports } = JSON.parse(
  Deno.readTextFileSync(new URL("../deno.json", import.meta.url)),
) as { exports: Record<string, string> };

/** A name that whoever imports a floor looks for. */
const LANDMARKS: Record<string, string> = {
  ".": "SmartCardResourceManager",
  "./core": "T1Session",
  "./core/portable": "portableCore",
  "./smclib": "SmartcardDeviceControl",
  "./contact-reader": "installContactCallbacks",
  "./drivers/virtual": "VirtualReader",
  "./drivers/vpcd": "VpcdReader",
  "./drivers/serial": "SerialReader",
  "./drivers/pcsc": "PcscReader",
  "./cards": "createCard",
  "./cards/file-store": "FileCardStore",
  "./testing": "readerDriverLaws",
  "./tracing": "Tracer",
  "./resource-manager": "ResourceManager",
  "./card-database": "CardDatabase",
  "./smart-card": "SmartCardResourceManager",
  "./smart-card/polyfill": "installSmartCard",
  "./winscard": "createWinscard",
  "./service-providers": "ProviderRegistry",
  "./pcsclite/server": "PcscLiteServer",
  "./pcsclite/client": "PcscLiteClient",
};

Deno.test("each floor has an export of its own", async () => {
  assert.deepEqual(Object.keys(exports), Object.keys(LANDMARKS));
  for (const [name, landmark] of Object.entries(LANDMARKS)) {
    const module = await import(`deno-smartcard${name.slice(1)}`);
    assert.ok(landmark in module, `${name} has no ${landmark}`);
  }
});
