import assert from "node:assert/strict";
import {
  openSerialPort,
  PhoenixLink,
  SerialPortError,
  SerialReader,
  type SerialReaderOptions,
} from "../../../src/drivers/serial/mod.ts";
import {
  allPortRates,
  portRate,
} from "../../../src/drivers/serial/phoenix_rates.ts";
import {
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  SCARD_ATTR_CHANNEL_ID,
  SCARD_ATTR_DEFAULT_CLK,
  SCARD_ATTR_DEFAULT_DATA_RATE,
  SCARD_ATTR_MAX_DATA_RATE,
  SCARD_ATTR_VENDOR_IFD_TYPE,
  SCARD_ATTR_VENDOR_NAME,
} from "../../../src/smclib/mod.ts";
import { readU32le, writeU32le } from "../../../src/bytes.ts";
import { withoutPermission } from "../../alone/without_permission.ts";
import { request } from "../requests.ts";
import { VirtualClock } from "./clocks.ts";
import { SimulatedPhoenix } from "./simulated_phoenix.ts";
import { SimulatedPort } from "./simulated_port.ts";
import { workplace } from "./workplace.ts";

const ANY = { maxBaudRate: 115_200, baudRates: null };

Deno.test("rates of a crystal", () => {
  assert.equal(portRate(ANY, 3579.545, 372, 1), 9622);
  assert.equal(portRate(ANY, 4000, 372, 1), 10_753);
  // 115 469 and 116 129 bit/s are near enough to the highest; 125 000 is not.
  assert.equal(portRate(ANY, 3579.545, 372, 12), 115_200);
  assert.equal(portRate(ANY, 3600, 372, 12), 115_200);
  assert.equal(portRate(ANY, 4000, 512, 16), null);
  const few = { maxBaudRate: 115_200, baudRates: [9600, 9700, 38_400] };
  assert.equal(portRate(few, 3579.545, 372, 1), 9600);
  assert.equal(portRate(few, 3579.545, 372, 4), 38_400);
  assert.equal(portRate(few, 3579.545, 372, 2), null);
});

Deno.test("all rates are ascending, within the limit, and hold the default", () => {
  const rates = allPortRates(ANY, 3579.545);
  assert.ok(rates.includes(9622));
  assert.equal(rates.at(-1), 115_200);
  assert.deepEqual(rates, [...new Set(rates)].sort((a, b) => a - b));
});

const port = () =>
  new SimulatedPort(new SimulatedPhoenix({ clock: new VirtualClock() }));

const BAD: [SerialReaderOptions, RegExp][] = [
  [{}, /neither path nor port found, expected one of them/],
  [{ path: "/dev/x", port: port() }, /path and port found/],
  [{ path: "/dev/x", clockKhz: 999 }, /clockKhz is 999, expected 1000 to/],
  [{ path: "/dev/x", clockKhz: NaN }, /clockKhz is NaN/],
  [{ path: "/dev/x", hostLatencyMs: -1 }, /hostLatencyMs is -1/],
  [{ path: "/dev/x", resetHoldMs: 0 }, /resetHoldMs is 0/],
  [{ path: "/dev/x", maxIfsdBytes: 255 }, /maxIfsdBytes is 255/],
  [{ path: "/dev/x", unitNo: 0.5 }, /unitNo is 0.5/],
  [{ path: "/dev/x", channel: 65_536 }, /channel is 65536/],
  [{ path: "/dev/x", baudRates: [0] }, /baudRates is 0/],
  [
    { path: "/dev/x", reset: { line: "dtr" }, power: { line: "dtr" } },
    /reset and power both on dtr, expected two lines/,
  ],
];

for (const [options, message] of BAD) {
  Deno.test(`options refused: ${message.source}`, async () => {
    await assert.rejects(SerialReader.open(options), message);
  });
}

Deno.test("a port without a speed for 372/1 is refused, and closed", async () => {
  const simulated = port();
  await assert.rejects(
    SerialReader.open({ port: simulated, baudRates: [19_200] }),
    /no speed of the port within 1 % of 9622 bit\/s found/,
  );
  assert.equal(simulated.isClosed, true);
});

Deno.test("a port that refuses the settings is closed", async () => {
  const simulated = port();
  simulated.refuses = () => true;
  await assert.rejects(SerialReader.open({ port: simulated }), SerialPortError);
  assert.equal(simulated.isClosed, true);
  assert.throws(() => new PhoenixLink(port(), { clockKhz: 1 }), RangeError);
});

Deno.test("a name that is too long is refused, and the port closed", async () => {
  const simulated = port();
  await assert.rejects(
    SerialReader.open({ port: simulated, vendorName: "x".repeat(33) }),
    RangeError,
  );
  assert.equal(simulated.isClosed, true);
});

Deno.test("attributes of the reader", async () => {
  await using place = await workplace({
    reader: { vendorName: "Vendor", ifdType: "Mouse", unitNo: 3 },
  });
  const attribute = async (tag: number) => {
    const input = new Uint8Array(4);
    writeU32le(input, 0, tag);
    return (await request(
      place.reader,
      IOCTL_SMARTCARD_GET_ATTRIBUTE,
      input,
      64,
    )).output;
  };
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(place.reader.deviceName, "\\Device\\Serial3");
  assert.equal(text(await attribute(SCARD_ATTR_VENDOR_NAME)), "Vendor");
  assert.equal(text(await attribute(SCARD_ATTR_VENDOR_IFD_TYPE)), "Mouse");
  // Serial, and the port's number from the end of its path.
  assert.equal(
    readU32le(await attribute(SCARD_ATTR_CHANNEL_ID), 0),
    0x0001_0007,
  );
  assert.equal(readU32le(await attribute(SCARD_ATTR_DEFAULT_CLK), 0), 3580);
  assert.equal(
    readU32le(await attribute(SCARD_ATTR_DEFAULT_DATA_RATE), 0),
    9622,
  );
  assert.equal(
    readU32le(await attribute(SCARD_ATTR_MAX_DATA_RATE), 0),
    115_200,
  );
});

const isLinux = Deno.build.os === "linux" &&
  ["x86_64", "aarch64"].includes(Deno.build.arch);

Deno.test({
  name:
    "a port that is not there, or none at all, is an error with the system's name" +
    (isLinux ? "" : " (skipped: needs Linux on x86_64 or aarch64)"),
  ignore: !isLinux,
  fn() {
    const fails = (path: string, code: string) =>
      assert.throws(() => openSerialPort(path), (error: unknown) => {
        assert.ok(error instanceof SerialPortError);
        assert.equal(error.code, code);
        assert.equal(error.path, path);
        assert.ok(
          error.message.startsWith(
            `Cannot open serial port ${JSON.stringify(path)}: ${code} (`,
          ),
          error.message,
        );
        return true;
      });
    fails("/dev/no-such-port", "ENOENT");
    fails("/dev", "EISDIR");
    fails("/dev/null", "ENOTTY");
    fails("/dev/null/x", "ENOTDIR");
    assert.throws(() => openSerialPort("/dev/tty\0S0"), TypeError);
    assert.throws(
      () => openSerialPort("/dev/null", { linePollMs: 0 }),
      RangeError,
    );
  },
});

Deno.test("importing the driver needs no permission, opening a port the one for FFI", async () => {
  const driver = new URL("../../../src/drivers/serial/mod.ts", import.meta.url);
  const printed = await withoutPermission(`
    import { openSerialPort } from ${JSON.stringify(driver.href)};
    try {
      openSerialPort("/dev/null");
    } catch (error) {
      console.log(error.name);
    }
  `);
  assert.equal(printed, isLinux ? "NotCapable" : "SerialPortError");
});
