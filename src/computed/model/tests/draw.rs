//! Customers drawn from the models.

use super::*;

/// SplitMix64 (G. L. Steele, D. Lea and C. H. Flood, OOPSLA 2014).
pub(super) struct Draw(pub(super) u64);

impl Draw {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Between 0 and 1, both left out.
    pub(super) fn uniform(&mut self) -> f64 {
        let bits = u32::try_from(self.bits() >> 32).unwrap();
        (f64::from(bits) + 0.5) / 4_294_967_296.0
    }

    fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }

    fn normal(&mut self) -> f64 {
        let angle = std::f64::consts::TAU * self.uniform();
        (2.0 * self.exponential()).sqrt() * libm::cos(angle)
    }

    /// Of scale 1 (G. Marsaglia and W. W. Tsang, ACM TOMS 26, 2000).
    pub(super) fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let more = self.gamma(shape + 1.0);
            return more * libm::pow(self.uniform(), 1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && libm::log(self.uniform()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v;
            }
        }
    }

    fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (first, second) = (self.gamma(a), self.gamma(b));
        first / (first + second)
    }

    pub(super) fn history(&mut self, model: &BgNbd, age: u32) -> History {
        let rate = self.gamma(model.r) / model.alpha;
        let drops_out = self.beta(model.a, model.b);
        let (mut time, mut repeats, mut last) = (0.0, 0, 0);
        loop {
            time += self.exponential() / rate;
            if time >= f64::from(age) + 1.0 {
                return History::new(repeats, last, age).unwrap();
            }
            let day = whole(time.floor());
            repeats += u32::from(day > last);
            last = day;
            if self.uniform() < drops_out {
                return History::new(repeats, last, age).unwrap();
            }
        }
    }

    pub(super) fn spend(&mut self, model: &GammaGamma, repeats: u32) -> Spend {
        Spend::new(repeats, self.total(model, repeats)).unwrap()
    }

    pub(super) fn total(&mut self, model: &GammaGamma, repeats: u32) -> f64 {
        let rate = self.gamma(model.q) / model.v;
        self.gamma(model.p * f64::from(repeats)) / rate
    }
}
