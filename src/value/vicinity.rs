//! Distances on the globe.

use super::Decimal;

/// All places within some distance of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Vicinity {
    /// Degrees north, −90 to 90.
    pub(crate) latitude: Decimal,
    /// Degrees east, −180 to 180.
    pub(crate) longitude: Decimal,
    /// Kilometres, not negative.
    pub(crate) distance: Decimal,
}

/// A [`Vicinity`] to measure in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    latitude: f64,
    longitude: f64,
    /// Kilometres.
    distance: f64,
}

/// The mean radius (2a + b) / 3 of the ellipsoid of WGS 84.
const EARTH_RADIUS_KM: f64 = 6_371.008_8;

impl Vicinity {
    /// Kilometres of a statute mile.
    pub(crate) const MILE: Option<Decimal> = Decimal::new(1_609_344, 6);

    pub(crate) fn reach(&self) -> Reach {
        Reach {
            latitude: self.latitude.to_f64(),
            longitude: self.longitude.to_f64(),
            distance: self.distance.to_f64(),
        }
    }
}

impl Reach {
    /// Whether a place lies within it, the edge included; in degrees.
    pub(crate) fn holds(&self, latitude: f64, longitude: f64) -> bool {
        distance_km((self.latitude, self.longitude), (latitude, longitude)) <= self.distance
    }
}

/// The great-circle distance of two places by the haversine formula (R. W. Sinnott, Sky & Telescope 68, 1984), in
/// kilometres. The functions are those of `libm`, so every platform says the same.
fn distance_km(from: (f64, f64), to: (f64, f64)) -> f64 {
    let half_sine_squared = |degrees: f64| {
        let sine = libm::sin(degrees.to_radians() / 2.0);
        sine * sine
    };
    let cosines = libm::cos(from.0.to_radians()) * libm::cos(to.0.to_radians());
    let a = half_sine_squared(to.0 - from.0) + cosines * half_sine_squared(to.1 - from.1);
    // Rounding may carry the far side of the globe beyond 1.
    let a = a.clamp(0.0, 1.0);
    2.0 * EARTH_RADIUS_KM * libm::atan2(libm::sqrt(a), libm::sqrt(1.0 - a))
}
