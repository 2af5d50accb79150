//! Bytes of records: numbers of variable length, texts and bitmaps, closed by a checksum.

use roaring::RoaringBitmap;

/// Bytes that are not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damaged;

/// A record in the making.
#[derive(Default)]
pub(super) struct Encoder {
    bytes: Vec<u8>,
}

/// A record that is read from its beginning to its end.
pub(super) struct Decoder<'a> {
    rest: &'a [u8],
}

/// How many bytes the checksum takes.
const CHECKSUM: usize = 4;

impl Encoder {
    pub(super) fn byte(&mut self, byte: u8) -> &mut Self {
        self.bytes.push(byte);
        self
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    pub(super) fn number(&mut self, mut number: u64) -> &mut Self {
        loop {
            let [low, ..] = number.to_le_bytes();
            number >>= 7;
            if number == 0 {
                return self.byte(low & 0x7f);
            }
            self.byte(low | 0x80);
        }
    }

    /// Numbers near zero are short, whatever their sign.
    pub(super) fn signed(&mut self, number: i64) -> &mut Self {
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.number(text.len() as u64).bytes(text.as_bytes())
    }

    /// In the portable format of roaring bitmaps, after its length.
    pub(super) fn bitmap(&mut self, bitmap: &RoaringBitmap) -> &mut Self {
        let length = bitmap.serialized_size();
        self.number(length as u64);
        self.bytes.reserve(length);
        // INVARIANT: writing into memory does not fail.
        let _ = bitmap.serialize_into(&mut self.bytes);
        self
    }

    /// `place` is what tells the record from all others.
    pub(super) fn seal(self, place: &[u8]) -> Vec<u8> {
        let Self { mut bytes } = self;
        let sum = checksum(place, &bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes
    }
}

impl<'a> Decoder<'a> {
    /// Damaged where the checksum is not that of the bytes at this place.
    pub(super) fn open(place: &[u8], bytes: &'a [u8]) -> Result<Self, Damaged> {
        let (rest, sum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(Damaged)?;
        if checksum(place, rest) == u32::from_le_bytes(*sum) {
            Ok(Self { rest })
        } else {
            Err(Damaged)
        }
    }

    pub(super) fn byte(&mut self) -> Result<u8, Damaged> {
        let (first, rest) = self.rest.split_first().ok_or(Damaged)?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn number(&mut self) -> Result<u64, Damaged> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            let shifted = bits << shift;
            if shifted >> shift != bits {
                return Err(Damaged);
            }
            number |= shifted;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Damaged)
    }

    pub(super) fn signed(&mut self) -> Result<i64, Damaged> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// A number of rows, segments or the like.
    pub(super) fn count(&mut self) -> Result<u32, Damaged> {
        u32::try_from(self.number()?).map_err(|_| Damaged)
    }

    pub(super) fn bytes(&mut self, length: usize) -> Result<&'a [u8], Damaged> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Damaged)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn counted(&mut self) -> Result<&'a [u8], Damaged> {
        let length = usize::try_from(self.number()?).map_err(|_| Damaged)?;
        self.bytes(length)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Damaged> {
        str::from_utf8(self.counted()?).map_err(|_| Damaged)
    }

    /// Of rows below `rows`.
    pub(super) fn bitmap(&mut self, rows: u32) -> Result<RoaringBitmap, Damaged> {
        let found = RoaringBitmap::deserialize_from(self.counted()?).map_err(|_| Damaged)?;
        if found.max().is_some_and(|row| row >= rows) { Err(Damaged) } else { Ok(found) }
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), Damaged> {
        if self.rest.is_empty() { Ok(()) } else { Err(Damaged) }
    }
}

/// CRC-32 of the place and the bytes.
fn checksum(place: &[u8], bytes: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(place);
    sum.update(bytes);
    sum.finalize()
}
