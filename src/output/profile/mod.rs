//! What sets some customers apart from others.

mod count;

use crate::{
    schema::{Column, TableId},
    segment::Members,
    value::{Decimal, Type, Value},
};
use count::{Counted, Looked, Number, counts, numbers};

/// How some customers differ from others, column by column; made by [`Members::profile`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Profile {
    /// How many customers are described.
    pub members: u64,
    /// How many they are compared with, themselves among them.
    pub everyone: u64,
    /// The values of texts, booleans, references, sets and the years of dates and datetimes; the most telling first.
    pub shares: Vec<ProfileShare>,
    /// The means of numbers; the most telling first.
    pub means: Vec<ProfileMean>,
}

/// How common one value is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ProfileShare {
    /// The column.
    pub column: String,
    /// The value; of a set one element, of a date its year as a number. `None`: customers who have none.
    pub value: Option<Value>,
    /// How many of the members have it.
    pub members: u64,
    /// How many of all have it.
    pub everyone: u64,
    /// `members` by the number of members.
    pub share: f64,
    /// `everyone` by the number of all.
    pub share_of_all: f64,
    /// `share / share_of_all`: above 1 it is more common among the members.
    pub lift: f64,
    /// How telling it is: what it says of the value to know that somebody is a member, in bits. With p for `share` and q
    /// for `share_of_all`, the relative entropy p·log₂(p/q) + (1 − p)·log₂((1 − p)/(1 − q)). So a value that nobody here
    /// has tells something if it is common elsewhere, and a rare one tells little.
    pub bits: f64,
}

/// The mean of one number.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ProfileMean {
    /// The column.
    pub column: String,
    /// The mean of the members who have it; `None` where nobody has.
    pub mean: Option<f64>,
    /// The mean of all who have it.
    pub mean_of_all: Option<f64>,
    /// `mean / mean_of_all`; `None` where that is 0.
    pub lift: Option<f64>,
    /// How telling it is: `mean - mean_of_all`, in standard deviations of all who have it. `None` where they have all the
    /// same.
    pub difference: Option<f64>,
}

impl Members<'_> {
    /// What sets these customers apart from everyone, such as [`Engine::customers`](crate::Engine::customers), who they
    /// should be among; those who are not are left out. Of each column the most telling values are shown, so many at
    /// most. Keys and places are not looked at, and columns are those of the customers alone.
    ///
    /// What is equally telling comes in the order of the columns, then of the values; so the order depends on nothing but
    /// the data. The work is one pass over each column.
    pub fn profile(&self, everyone: &Members<'_>, most: usize) -> Profile {
        let snapshot = everyone.snapshot();
        let here = &snapshot.all() & self;
        let looked = Looked::new(snapshot, everyone.bitmap(), here.bitmap());
        let (mut shares, mut means) = (Vec::new(), Vec::new());
        let schema = snapshot.schema();
        let key = schema.customers().key_column();
        let columns = schema.table(TableId::CUSTOMERS).columns.iter();
        for (at, column) in columns.enumerate().filter(|(_, column)| Some(column.id) != key) {
            let mut counted = counts(&looked, column);
            if matches!(column.ty, Type::Int | Type::Decimal(_) | Type::Float) {
                let (of_members, of_all) = numbers(&looked, column);
                means.push(mean(column, &of_members, &of_all));
                // Of numbers only whether there is one.
                counted.retain(|counted| counted.value.is_none());
            }
            let mut own: Vec<(Counted, f64)> = counted
                .into_iter()
                .map(|counted| {
                    let bits = bits(
                        quotient(counted.members, looked.members()),
                        quotient(counted.everyone, looked.everyone()),
                    );
                    (counted, bits)
                })
                .collect();
            own.sort_by(|(one, bits), (other, more)| {
                more.total_cmp(bits).then_with(|| one.order.cmp(&other.order))
            });
            own.truncate(most);
            shares.extend(own.into_iter().map(|(counted, bits)| {
                let share = quotient(counted.members, looked.members());
                let share_of_all = quotient(counted.everyone, looked.everyone());
                let lift = if share_of_all > 0.0 { share / share_of_all } else { 0.0 };
                let (members, everyone) = (counted.members, counted.everyone);
                let (column, value) = (column.name.clone(), counted.value);
                let found = ProfileShare {
                    column,
                    value,
                    members,
                    everyone,
                    share,
                    share_of_all,
                    lift,
                    bits,
                };
                (at, found)
            }));
        }
        // Of one column they are in order.
        shares
            .sort_by(|(at, one), (more, other)| other.bits.total_cmp(&one.bits).then(at.cmp(more)));
        let telling = |mean: &ProfileMean| mean.difference.map_or(-1.0, f64::abs);
        means.sort_by(|one, other| telling(other).total_cmp(&telling(one)));
        Profile {
            members: looked.members(),
            everyone: looked.everyone(),
            shares: shares.into_iter().map(|(_, share)| share).collect(),
            means,
        }
    }
}

fn mean(column: &Column, of_members: &Number, of_all: &Number) -> ProfileMean {
    let (mean, mean_of_all) = (of_members.mean, of_all.mean);
    let both = mean.zip(mean_of_all);
    let lift = both.filter(|(_, all)| *all != 0.0).map(|(mean, all)| mean / all);
    let difference = both
        .zip(of_all.deviation.filter(|deviation| *deviation > 0.0))
        .map(|((mean, all), deviation)| (mean - all) / deviation);
    let is_finite = |number: &f64| number.is_finite();
    ProfileMean {
        column: column.name.clone(),
        mean,
        mean_of_all,
        lift: lift.filter(is_finite),
        difference: difference.filter(is_finite),
    }
}

/// 0 where there is nothing to divide by.
fn quotient(part: u64, whole: u64) -> f64 {
    let decimal = |number: u64| Decimal::from_int(number.into());
    decimal(part).quotient(decimal(whole)).unwrap_or(0.0)
}

/// The relative entropy of having something with probability `p` where `q` is expected.
fn bits(p: f64, q: f64) -> f64 {
    let part = |p: f64, q: f64| if p > 0.0 && q > 0.0 { p * libm::log2(p / q) } else { 0.0 };
    (part(p, q) + part(1.0 - p, 1.0 - q)).max(0.0)
}
