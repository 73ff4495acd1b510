// A code on paper, taken apart and checked: COSE_Sign1 (RFC 9052) around a CBOR Web Token (RFC 8392), in base64url.
// No page, no network, no storage. Labels are those of credentials/showing/code_fields.py.
"use strict";

const ALGORITHM = 1, KEY_ID = 4, EXPIRES = 4, ISSUED = 6, OURS = -65537, PURPOSE = 0, STATUS = 1;
const ES256 = -7, KEY_ID_BYTES = 8, SIGNATURE_BYTES = 64, MOST_LETTERS = 1200, DEEPEST = 6, DAY_MS = 86400000;
const NAMES = new Map([
  [2, "kind"], [3, "name"], [4, "latin_name"], [5, "name_masked"], [6, "number"], [7, "number_masked"],
  [8, "birth_date"], [9, "over_18"], [10, "over_60"], [11, "over_65"], [12, "place"], [13, "authority"],
  [14, "last_day"], [15, "paper"], [16, "reference"], [17, "dated"], [18, "office"],
]);
const DAYS = new Set(["birth_date", "last_day", "dated"]);

export class Refused extends Error {
  constructor(reason) { super(reason); this.reason = reason; }
}

export const fromBase64url = (text) => {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Refused("unreadable");
  const packed = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
};

// CBOR as far as codes use it: whole numbers, bytes, texts, arrays, maps, yes and no; lengths given, nothing left over.
class Reader {
  constructor(bytes) { this.bytes = bytes; this.at = 0; }

  byte() {
    if (this.at >= this.bytes.length) throw new Refused("unreadable");
    return this.bytes[this.at++];
  }

  take(count) {
    if (count > this.bytes.length - this.at) throw new Refused("unreadable");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  number(detail) {
    if (detail < 24) return detail;
    if (detail > 27) throw new Refused("unreadable");
    const number = this.take(2 ** (detail - 24)).reduce((sum, byte) => sum * 256 + byte, 0);
    if (!Number.isSafeInteger(number)) throw new Refused("unreadable");
    return number;
  }

  value(depth = 0) {
    if (depth > DEEPEST) throw new Refused("unreadable");
    const head = this.byte(), kind = head >> 5, detail = head & 31;
    if (kind === 7) return this.simple(detail);
    const number = this.number(detail);
    if (kind === 0) return number;
    if (kind === 1) return -1 - number;
    if (kind === 2) return this.take(number);
    if (kind === 3) return this.text(number);
    if (kind === 4) return this.several(number, () => this.value(depth + 1));
    if (kind === 5) return new Map(this.several(number, () => [this.value(depth + 1), this.value(depth + 1)]));
    throw new Refused("unreadable");
  }

  text(count) {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(this.take(count));
    } catch {
      throw new Refused("unreadable");
    }
  }

  several(count, next) {
    if (count > this.bytes.length - this.at) throw new Refused("unreadable");
    return Array.from({ length: count }, next);
  }

  simple(detail) {
    if (detail === 20) return false;
    if (detail === 21) return true;
    throw new Refused("unreadable");
  }
}

export const fromCbor = (bytes) => {
  const reader = new Reader(bytes);
  const value = reader.value();
  if (reader.at !== bytes.length) throw new Refused("unreadable");
  return value;
};

const bytesOfCbor = (bytes) => {
  const n = bytes.length;
  const head = n < 24 ? [0x40 | n] : n < 256 ? [0x58, n] : [0x59, n >> 8, n & 255];
  return [...head, ...bytes];
};

const toSign = (header, payload) => Uint8Array.from([
  0x84, 0x6a, ...new TextEncoder().encode("Signature1"), ...bytesOfCbor(header), 0x40, ...bytesOfCbor(payload),
]);

const isBytes = (value, length) => value instanceof Uint8Array && (length === undefined || value.length === length);

// The parts of a code, not yet believed. `text`: what follows the # of its address.
export const takenApart = (text) => {
  if (!text || text.length > MOST_LETTERS) throw new Refused("unreadable");
  const parts = fromCbor(fromBase64url(text));
  if (!Array.isArray(parts) || parts.length !== 4) throw new Refused("unreadable");
  const [header, unprotected, payload, signature] = parts;
  const isShaped = isBytes(header) && unprotected instanceof Map && unprotected.size === 0 && isBytes(payload);
  if (!isShaped || !isBytes(signature, SIGNATURE_BYTES)) throw new Refused("unreadable");
  const named = fromCbor(header);
  if (!(named instanceof Map) || !isBytes(named.get(KEY_ID), KEY_ID_BYTES)) throw new Refused("unreadable");
  return {
    algorithm: named.get(ALGORITHM), keyId: named.get(KEY_ID), payload, signature, signed: toSign(header, payload),
  };
};

export const verified = async (jwk, signed, signature) => {
  const { kty, crv, x, y } = jwk;
  const key = await crypto.subtle.importKey(
    "jwk", { kty, crv, x, y }, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"],
  );
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, signed);
};

const isNamed = (jwk, keyId) => {
  const own = fromBase64url(jwk.kid);
  return jwk.alg === "ES256" && keyId.every((byte, at) => own[at] === byte);
};

const contentOf = (payload) => {
  const claims = fromCbor(payload);
  const ours = claims instanceof Map && claims.get(OURS);
  if (!(ours instanceof Map)) throw new Refused("unreadable");
  const whole = [claims.get(EXPIRES), claims.get(ISSUED)].every(Number.isSafeInteger);
  if (!whole || typeof ours.get(PURPOSE) !== "string") throw new Refused("unreadable");
  const values = [...ours].filter(([label]) => label > STATUS).map(([label, value]) => {
    const name = NAMES.get(label);
    if (!name) throw new Refused("unreadable");
    return [name, DAYS.has(name) ? new Date(value * DAY_MS) : value];
  });
  return {
    purpose: ours.get(PURPOSE), expires: claims.get(EXPIRES), issued: claims.get(ISSUED), values,
    status: statusOf(ours.get(STATUS)),
  };
};

// The place in a status list, a path of this site; none for a paper that is no permit.
const statusOf = (place) => {
  if (place === undefined) return null;
  const [key, index] = Array.isArray(place) ? place : [];
  if (!isBytes(key, 16) || !Number.isSafeInteger(index)) throw new Refused("unreadable");
  return { uri: `/status-lists/stl_${publicId(key)}`, index };
};

// 26 letters of five bits for the 128 bits of a key, as kernel/ids.py writes them.
const publicId = (key) => {
  let number = key.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const letters = Array.from({ length: 26 }, () => {
    const letter = "0123456789abcdefghjkmnpqrstvwxyz"[Number(number % 32n)];
    number /= 32n;
    return letter;
  });
  return letters.reverse().join("");
};

// What a code says whose signature is by one of `keys` (JSON Web Keys). Throws Refused: unreadable, uncheckable (an
// algorithm that browsers do not have), unknown_key, forged.
export const read = async (text, keys) => {
  const parts = takenApart(text);
  if (parts.algorithm !== ES256) throw new Refused("uncheckable");
  const candidates = keys.filter((jwk) => isNamed(jwk, parts.keyId));
  if (!candidates.length) throw new Refused("unknown_key");
  for (const jwk of candidates) if (await verified(jwk, parts.signed, parts.signature)) return contentOf(parts.payload);
  throw new Refused("forged");
};
